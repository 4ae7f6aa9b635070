import { Alert, Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { TriangleAlertIcon } from "lucide-react";
import { useZone } from "@/data/me";
import { formatDate } from "@/kit/dates";
import { type Fact, Facts } from "@/kit/Facts";
import { formatUsd } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { goToPortal } from "./checkout";
import type { Subscription } from "./planChange";

const PROBLEMS: Record<NonNullable<Subscription["payment_problem"]>, { title: string; text: string }> = {
  past_due: {
    title: "Your last payment failed",
    text: "The provider tries again by itself. See that the card can be charged, or use another.",
  },
  unpaid: {
    title: "Your plan is not paid for",
    text: "The provider has given up charging the card. Pay what is open, or use another card.",
  },
  paused: {
    title: "Your plan is paused",
    text: "Nothing is charged, and no credit comes, until it goes on.",
  },
};

/** The subscription that there is: what it costs, when it renews, and what is wrong with it. */
export function SubscriptionPanel({
  subscription,
  name,
}: {
  subscription: Subscription;
  name: (plan: string) => string;
}) {
  const zone = useZone();
  const portal = useMutation({
    mutationFn: goToPortal,
    onError: (error) => notifyProblem(error, "The payment provider's page did not open"),
  });
  const { payment_problem, terms_end_at, ends_at } = subscription;
  return (
    <Panel
      title="Your subscription"
      actions={
        <Button variant="default" size="xs" loading={portal.isPending} onClick={() => portal.mutate()}>
          {ends_at === null ? "Cancel or change card" : "Keep it after all"}
        </Button>
      }
    >
      <Stack gap="md">
        {payment_problem !== null && (
          <Alert color="red" icon={<TriangleAlertIcon />} title={PROBLEMS[payment_problem].title}>
            <Stack gap="sm" align="flex-start">
              <Text size="sm">
                {PROBLEMS[payment_problem].text}
                {terms_end_at !== null && ` The plan's terms hold until ${formatDate(terms_end_at, zone)}.`}
              </Text>
              <Button size="xs" loading={portal.isPending} onClick={() => portal.mutate()}>
                {payment_problem === "paused" ? "Let it go on" : "Pay or change the card"}
              </Button>
            </Stack>
          </Alert>
        )}
        <Facts facts={factsOf(subscription, name, zone)} />
      </Stack>
    </Panel>
  );
}

function factsOf(subscription: Subscription, name: (plan: string) => string, zone: string): Fact[] {
  const { plan, current_plan, seats, interval, price_usd, currency, renews_at, ends_at, trial_ends_at } =
    subscription;
  const day = (at: string) => formatDate(at, zone);
  const facts: Fact[] = [["Plan", name(current_plan ?? plan)]];
  if (seats > 1) facts.push(["Seats", formatCount(seats)]);
  if (price_usd !== null && interval !== "other") {
    const each = seats > 1 ? `a seat and ${interval}` : `a ${interval}`;
    const amount = currency === "usd" ? formatUsd(price_usd) : `${price_usd} ${currency.toUpperCase()}`;
    facts.push(["Price", `${amount} ${each}, before tax`]);
  }
  if (trial_ends_at !== null && subscription.status === "trialing")
    facts.push(["Free until", day(trial_ends_at)]);
  if (ends_at !== null) facts.push(["Ends", `${day(ends_at)}: it was cancelled, and is not charged again`]);
  else if (renews_at !== null) facts.push(["Renews", day(renews_at)]);
  if (current_plan !== null && current_plan !== plan && renews_at !== null) {
    facts.push(["From then on", name(plan)]);
  }
  return facts;
}
