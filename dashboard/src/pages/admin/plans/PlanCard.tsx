import { Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { PencilIcon } from "lucide-react";
import { Money } from "@/kit/Money";
import { Status } from "../parts/Status";
import { showLimits, showModels } from "../parts/terms";
import classes from "./PlanCard.module.css";
import type { Plan } from "./terms";

interface Props {
  plan: Plan;
  onChange: () => void;
}

/** A plan at a glance. */
export function PlanCard({ plan, onChange }: Props) {
  return (
    <Paper withBorder component="article" className={classes.card} aria-label={plan.name}>
      <Stack gap="md" h="100%">
        <div>
          <Group justify="space-between" wrap="nowrap">
            <Title order={2} size="h3">
              {plan.name}
            </Title>
            {plan.is_offered ? (
              <Status tone="good">On offer</Status>
            ) : (
              <Status tone="idle">Not on offer</Status>
            )}
          </Group>
          <Code>{plan.id}</Code>
        </div>
        <Text className={classes.price}>
          <Money usd={plan.price_usd} />
          <Text component="span" size="sm" c="dimmed" fw={400}>
            {" "}
            a month
          </Text>
        </Text>
        <dl className={classes.terms}>
          {plan.yearly_price_usd != null && (
            <>
              <dt>Price a year</dt>
              <dd>
                <Money usd={plan.yearly_price_usd} />
              </dd>
            </>
          )}
          {plan.trial_days > 0 && (
            <>
              <dt>Free at first</dt>
              <dd>
                {plan.trial_days} days{plan.trial_grant ? ", with credit" : ", without credit"}
              </dd>
            </>
          )}
          <dt>Credit a month</dt>
          <dd>
            <Money usd={plan.grant_usd} />
          </dd>
          <dt>Budget a month</dt>
          <dd>{plan.monthly_budget_usd === null ? "No cap" : <Money usd={plan.monthly_budget_usd} />}</dd>
          <dt>Limits</dt>
          <dd>{showLimits(plan.limits) ?? "None"}</dd>
          <dt>Models</dt>
          <dd>{showModels(plan.models) ?? "All"}</dd>
          <dt>Prices</dt>
          <dd>{plan.multiplier === "1" ? "List prices" : `List prices × ${plan.multiplier}`}</dd>
        </dl>
        <Button
          variant="default"
          mt="auto"
          leftSection={<PencilIcon size={16} aria-hidden />}
          onClick={onChange}
          aria-label={`Change ${plan.name}`}
        >
          Change
        </Button>
      </Stack>
    </Paper>
  );
}
