import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CheckIcon } from "lucide-react";
import { useWallet } from "@/data/wallet";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { formatUsd } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { formatCompact, formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import classes from "./BillingPage.module.css";
import { goToPortal, goToSubscription } from "./checkout";
import { type Plan, useOffer } from "./useOffer";

/** Plans, and which one is one's own. */
export function Plans() {
  const offer = useOffer();
  const wallet = useWallet();
  const current = wallet.data?.plan ?? null;
  return (
    <Panel
      title="Plans"
      lead="Credit every month at a fixed price. What a plan's credit leaves unused within its month lapses; what you top up never does."
    >
      <Loaded query={offer} loading={<Loading as="tile" />}>
        {({ plans }) =>
          plans.length === 0 ? (
            <Empty title="No plans are on offer">You pay as you go.</Empty>
          ) : (
            <div className={classes.choices}>
              {plans.map((plan) => (
                <PlanCard
                  key={plan.id}
                  plan={plan}
                  isCurrent={plan.id === current}
                  hasOther={current !== null}
                />
              ))}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

function PlanCard({ plan, isCurrent, hasOther }: { plan: Plan; isCurrent: boolean; hasOther: boolean }) {
  const act = useMutation({
    mutationFn: () => (isCurrent ? goToPortal() : goToSubscription(plan.id)),
    onError: (error) =>
      notifyProblem(error, isCurrent ? "The portal did not open" : "The checkout did not open"),
  });
  return (
    <div className={classes.choice} data-current={isCurrent || undefined}>
      <Group justify="space-between" mih={26}>
        <Title order={3} size="h3">
          {plan.name}
        </Title>
        {isCurrent && <Badge variant="light">Your plan</Badge>}
      </Group>
      <div>
        <span className={`${classes.price} figures`}>{formatUsd(plan.price_usd)}</span>{" "}
        <Text component="span" c="dimmed" size="sm">
          a month
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
        variant={isCurrent ? "default" : "filled"}
        loading={act.isPending}
        onClick={() => act.mutate()}
        aria-label={`${isCurrent ? "Manage" : hasOther ? "Change to" : "Subscribe to"} ${plan.name}`}
      >
        {isCurrent ? "Manage" : hasOther ? "Change to this plan" : "Subscribe"}
      </Button>
    </div>
  );
}

function factsOf({ grant_usd, monthly_budget_usd, rpm, tpm, rpd, models }: Plan): string[] {
  return [
    `${formatUsd(grant_usd)} of credit a month`,
    monthly_budget_usd === null
      ? "No cap on monthly spend"
      : `Up to ${formatUsd(monthly_budget_usd)} of spend a month`,
    ...(rpm === null ? [] : [`${formatCount(rpm)} requests a minute`]),
    ...(tpm === null ? [] : [`${formatCompact(tpm)} tokens a minute`]),
    ...(rpd === null ? [] : [`${formatCount(rpd)} requests a day`]),
    models === null
      ? "All models"
      : `${models.length === 1 ? "One model" : `${models.length} models`}: ${models.join(", ")}`,
  ];
}
