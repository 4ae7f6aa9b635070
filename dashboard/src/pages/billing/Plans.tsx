import { ph, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { CheckIcon } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useZone } from "@/data/me";
import { useWallet } from "@/data/wallet";
import { confirm } from "@/kit/confirm";
import { formatDate } from "@/kit/dates";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { compareUsd, formatAmount, formatUsd } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { formatCompact, formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import classes from "./BillingPage.module.css";
import { giveUpSubscription, goToPortal, goToSubscription } from "./checkout";
import { type Interval, priceOf, type Quote, quoteOf, type Subscription } from "./planChange";
import { SubscriptionPanel } from "./SubscriptionPanel";
import { type Plan, useOffer, usePlanName } from "./useOffer";

/** The subscription, and the plans that there are. */
export function Plans() {
  const offer = useOffer();
  const wallet = useWallet();
  const [interval, setInterval] = useState<Interval | null>(null);
  const subscription = wallet.data?.subscription ?? null;
  const shown = interval ?? (subscription?.interval === "year" ? "year" : "month");
  const isSoldByYear = offer.data?.plans.some((plan) => plan.yearly_price_usd !== null) ?? false;
  const nameOf = usePlanName();
  return (
    <>
      {subscription !== null && <SubscriptionPanel subscription={subscription} name={nameOf} />}
      <Panel
        title={t`Plans`}
        lead={t`Credit every month at a fixed price. What a plan's credit leaves unused within its month lapses; what you top up never does.`}
        actions={
          isSoldByYear && (
            <SegmentedControl
              aria-label={t`How it is paid`}
              size="xs"
              value={shown}
              onChange={(chosen) => setInterval(chosen as Interval)}
              data={[
                { value: "month", label: t`By the month` },
                { value: "year", label: t`By the year` },
              ]}
            />
          )
        }
      >
        <Loaded query={offer} loading={<Loading as="tile" />}>
          {({ plans }) =>
            plans.length === 0 ? (
              <Empty title={t`No plans are on offer`}>{t`You pay as you go.`}</Empty>
            ) : (
              <div className={classes.choices}>
                {plans.map((plan) => (
                  <PlanCard
                    key={plan.id}
                    plan={plan}
                    interval={shown}
                    own={wallet.data?.plan ?? null}
                    subscription={subscription}
                    isKnown={wallet.data !== undefined}
                  />
                ))}
              </div>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

interface CardProps {
  plan: Plan;
  interval: Interval;
  /** The plan whose terms hold, whoever gave it. */
  own: string | null;
  subscription: Subscription | null;
  /** Whether it is known yet what one has. */
  isKnown: boolean;
}

function PlanCard({ plan, interval, own, subscription, isKnown }: CardProps) {
  const zone = useZone();
  const act = useOnce({
    mutationFn: async () => {
      if (subscription === null) return subscribe(plan, interval);
      if (isSubscribed || isComing) return goToPortal();
      if (await isWanted(plan, interval, subscription.seats, zone)) await goToPortal();
    },
    onError: (error) => notifyProblem(error, t`The payment provider's page did not open`),
  });
  const price = priceOf(plan, interval);
  const isSubscribed = subscription?.plan === plan.id && subscription.interval === interval;
  const next = subscription?.next ?? null;
  const isComing = next !== null && next.plan === plan.id && next.interval === interval;
  const isOwn = plan.id === own;
  return (
    <div className={classes.choice} data-current={isOwn || undefined}>
      <Group justify="space-between" mih={26}>
        <Title order={3} size="h3">
          {plan.name}
        </Title>
        {isOwn ? (
          <Badge variant="light">{t`Your plan`}</Badge>
        ) : (
          isComing && <Badge variant="outline">{t`From ${{ when: formatDate(next.begins_at, zone) }}`}</Badge>
        )}
      </Group>
      <div>
        <span className={`${classes.price} figures`}>
          {formatUsd(price ?? plan.price_usd, { exact: true })}
        </span>{" "}
        <Text component="span" c="dimmed" size="sm">
          {price === null || interval === "month" ? t`a month` : t`a year`}
        </Text>
      </div>
      <ul className={classes.facts}>
        {factsOf(plan).map((fact) => (
          <li key={fact}>
            <CheckIcon size={15} strokeWidth={2.4} aria-hidden />
            <span>{fact}</span>
          </li>
        ))}
      </ul>
      <Button
        mt="auto"
        variant={isSubscribed || isComing ? "default" : "filled"}
        loading={act.isPending}
        disabled={!isKnown || price === null}
        onClick={() => act.mutate()}
      >
        {price === null
          ? t`By the month only`
          : isSubscribed || isComing
            ? t`Manage ${{ plan: plan.name }}`
            : subscription === null
              ? t`Subscribe to ${{ plan: plan.name }}`
              : t`Change to ${{ plan: plan.name }}`}
      </Button>
    </div>
  );
}

/** Go to the checkout of a plan. One that was left open makes room for it. */
async function subscribe(plan: Plan, interval: Interval): Promise<void> {
  try {
    await goToSubscription(plan.id, interval);
  } catch (error) {
    if (asProblem(error).code !== "checkout_open") throw error;
    await giveUpSubscription();
    await goToSubscription(plan.id, interval);
  }
}

/** Whether somebody goes to the provider's page, once they know what the change costs, or what must be done first. */
async function isWanted(plan: Plan, interval: Interval, seats: number, zone: string): Promise<boolean> {
  try {
    return await isAgreed(plan, await quoteOf(plan, interval, seats), interval, zone);
  } catch (error) {
    const first = firstOf(asProblem(error).code, plan);
    if (first === null) throw error;
    return confirm({
      title: t`Change to ${{ plan: plan.name }}`,
      children: <span>{first}</span>,
      action: t`Go on to the payment page`,
    });
  }
}

/** What is to be done before a change that is refused so. */
function firstOf(code: string, plan: Plan): string | null {
  switch (code) {
    case "subscription_cancelled":
      return t`Your subscription is cancelled and ends before ${{ plan: plan.name }} would begin. Keep it first, on the payment provider's page.`;
    case "subscription_not_paid":
      return t`Your subscription is not paid for, so no other plan would hold. Pay it, or let it go on, first: on the payment provider's page.`;
    default:
      return null;
  }
}

/** Whether somebody wants a change, once they know what it costs. */
function isAgreed(plan: Plan, quote: Quote, interval: Interval, zone: string): Promise<boolean> {
  return confirm({
    title: t`Change to ${{ plan: plan.name }}`,
    children: (
      <Stack gap="xs">
        <span>{todayOf(quote)}</span>
        <span>{holdsOf(plan, quote, interval, zone)}</span>
        <span>
          <Trans>
            You choose {ph({ plan: plan.name })} on the payment provider's page, and confirm it there. You
            keep one subscription.
          </Trans>
        </span>
      </Stack>
    ),
    action: t`Go on to the payment page`,
  });
}

/** From when a plan holds, and what it costs then; of a subscription that is cancelled, until when. */
function holdsOf(plan: Plan, quote: Quote, interval: Interval, zone: string): string {
  const { begins_at, renews_at, ends_at } = quote;
  const price = formatAmount(quote.renewal_usd, quote.currency);
  const every = interval === "month" ? t`${price} a month` : t`${price} a year`;
  if (begins_at !== null)
    return t`Your plan stays until ${{ when: formatDate(begins_at, zone) }}. ${{ plan: plan.name }} then costs ${every}, before tax.`;
  if (ends_at !== null && renews_at === null)
    return t`${{ plan: plan.name }} holds at once, until ${{ when: formatDate(ends_at, zone) }}: your subscription stays cancelled, and ends then.`;
  const when = renews_at === null ? null : formatDate(renews_at, zone);
  const then = when === null ? every : t`${every} from ${when}`;
  return t`${{ plan: plan.name }} holds at once, and costs ${then}, before tax.`;
}

/** What is charged today, as surely as it is known. */
function todayOf({ today_usd, currency, is_estimate }: Quote): string {
  if (today_usd === null) return t`What is charged today is on the payment provider's page.`;
  if (compareUsd(today_usd, "0") === 0) return t`Nothing is charged today.`;
  const today = formatAmount(today_usd, currency);
  return is_estimate
    ? t`About ${today} is charged today, before tax, for what is left of the time that is paid.`
    : t`${today} is charged today, tax included, for what is left of the time that is paid.`;
}

function factsOf({
  grant_usd,
  monthly_budget_usd,
  rpm,
  tpm,
  rpd,
  models,
  trial_days,
  trial_grant,
}: Plan): string[] {
  return [
    ...(trial_days > 0
      ? [
          trial_grant
            ? t`First subscription: ${trial_days} days free, with credit`
            : t`First subscription: ${trial_days} days free, without credit`,
        ]
      : []),
    t`${{ grantUsd: formatUsd(grant_usd, { exact: true }) }} of credit a month`,
    monthly_budget_usd === null
      ? t`No cap on monthly spend`
      : t`Up to ${{ monthlyBudgetUsd: formatUsd(monthly_budget_usd, { exact: true }) }} of spend a month`,
    ...(rpm === null ? [] : [t`${{ rpm: formatCount(rpm) }} requests a minute`]),
    ...(tpm === null ? [] : [t`${{ tpm: formatCompact(tpm) }} tokens a minute`]),
    ...(rpd === null ? [] : [t`${{ rpd: formatCount(rpd) }} requests a day`]),
    models === null
      ? t`All models`
      : `${plural({ count: models.length }, { one: "One model", other: "# models" })}: ${models.join(", ")}`,
  ];
}
