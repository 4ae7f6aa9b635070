import { plural, t } from "@lingui/core/macro";
import { Alert, Button, Stack, Text } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import { useZone } from "@/data/me";
import { PLAN_PROBLEMS } from "@/data/payments";
import { formatDate } from "@/kit/dates";
import { type Fact, Facts } from "@/kit/Facts";
import { formatAmount } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import { goToPortal } from "./checkout";
import type { Interval, NextTerms, Subscription } from "./planChange";

/** The subscription that there is: what it costs, when it renews, and what is wrong with it. */
export function SubscriptionPanel({
  subscription,
  name,
}: {
  subscription: Subscription;
  name: (plan: string) => string;
}) {
  const zone = useZone();
  const portal = useOnce({
    mutationFn: goToPortal,
    onError: (error) => notifyProblem(error, t`The payment provider's page did not open`),
  });
  const { payment_problem, terms_end_at, ends_at } = subscription;
  return (
    <Panel
      title={t`Your subscription`}
      actions={
        <Button variant="default" size="xs" loading={portal.isPending} onClick={() => portal.mutate()}>
          {ends_at === null ? t`Cancel or change card` : t`Keep it after all`}
        </Button>
      }
    >
      <Stack gap="md">
        {payment_problem !== null && (
          <Alert color="red" icon={<TriangleAlertIcon />} title={PLAN_PROBLEMS[payment_problem].title}>
            <Stack gap="sm" align="flex-start">
              <Text size="sm">
                {PLAN_PROBLEMS[payment_problem].text}
                {terms_end_at !== null &&
                  ` ${t`The plan's terms hold until ${{ when: formatDate(terms_end_at, zone) }}.`}`}
              </Text>
              <Button size="xs" loading={portal.isPending} onClick={() => portal.mutate()}>
                {payment_problem === "paused" ? t`Let it go on` : t`Pay or change the card`}
              </Button>
            </Stack>
          </Alert>
        )}
        <Facts facts={factsOf(subscription, name, zone)} />
      </Stack>
    </Panel>
  );
}

function priceOf(amount: string, interval: Interval, isEach: boolean): string {
  if (interval === "month")
    return isEach ? t`${amount} a seat and month, before tax` : t`${amount} a month, before tax`;
  return isEach ? t`${amount} a seat and year, before tax` : t`${amount} a year, before tax`;
}

/** What was agreed on for later, such as "Starter, $10.00 a month, before tax". */
function termsOf(next: NextTerms, name: (plan: string) => string, currency: string): string {
  const what = [name(next.plan)];
  if (next.seats > 1) what.push(plural({ count: next.seats }, { one: "one seat", other: "# seats" }));
  if (next.price_usd !== null && next.interval !== "other")
    what.push(priceOf(formatAmount(next.price_usd, currency), next.interval, next.seats > 1));
  return what.join(", ");
}

function factsOf(subscription: Subscription, name: (plan: string) => string, zone: string): Fact[] {
  const {
    plan,
    current_plan,
    seats,
    interval,
    price_usd,
    currency,
    renews_at,
    ends_at,
    trial_ends_at,
    next,
  } = subscription;
  const day = (at: string) => formatDate(at, zone);
  const facts: Fact[] = [[t`Plan`, name(current_plan ?? plan)]];
  if (seats > 1) facts.push([t`Seats`, formatCount(seats)]);
  if (price_usd !== null && interval !== "other") {
    facts.push([t`Price`, priceOf(formatAmount(price_usd, currency), interval, seats > 1)]);
  }
  if (trial_ends_at !== null && subscription.status === "trialing")
    facts.push([t`Free until`, day(trial_ends_at)]);
  if (ends_at !== null)
    facts.push([t`Ends`, t`${{ endsAt: day(ends_at) }}: it was cancelled, and is not charged again`]);
  else if (renews_at !== null) facts.push([t`Renews`, day(renews_at)]);
  if (next !== null) facts.push([t`From ${{ when: day(next.begins_at) }}`, termsOf(next, name, currency)]);
  else if (current_plan !== null && current_plan !== plan && renews_at !== null) {
    facts.push([t`From then on`, name(plan)]);
  }
  return facts;
}
