import { plural, t } from "@lingui/core/macro";
import { Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { PencilIcon } from "lucide-react";
import { Money } from "@/kit/Money";
import { Status } from "../parts/Status";
import { listLimits, showModels } from "../parts/terms";
import classes from "./PlanCard.module.css";
import type { Plan } from "./terms";

interface Props {
  plan: Plan;
  onChange: () => void;
}

/** A plan at a glance. */
export function PlanCard({ plan, onChange }: Props) {
  const limits = listLimits(plan.limits);
  return (
    <Paper withBorder component="article" className={classes.card} aria-label={plan.name}>
      <Stack gap="md" h="100%">
        <div>
          <Group justify="space-between" align="flex-start" wrap="nowrap">
            <Title order={2} size="h3" className={classes.name}>
              {plan.name}
            </Title>
            {plan.is_offered ? (
              <Status tone="good">{t`On offer`}</Status>
            ) : (
              <Status tone="idle">{t`Not on offer`}</Status>
            )}
          </Group>
          <Code className={classes.name}>{plan.id}</Code>
        </div>
        <Text className={classes.price}>
          <Money usd={plan.price_usd} />
          <Text component="span" size="sm" c="dimmed" fw={400}>
            {" "}
            {t`a month`}
          </Text>
        </Text>
        <dl className={classes.terms}>
          {plan.yearly_price_usd != null && (
            <>
              <dt>{t`Price a year`}</dt>
              <dd>
                <Money usd={plan.yearly_price_usd} />
              </dd>
            </>
          )}
          {plan.trial_days > 0 && (
            <>
              <dt>{t`Free at first`}</dt>
              <dd>
                {plan.trial_grant
                  ? plural(
                      { days: plan.trial_days },
                      { one: "# day, with credit", other: "# days, with credit" },
                    )
                  : plural(
                      { days: plan.trial_days },
                      { one: "# day, without credit", other: "# days, without credit" },
                    )}
              </dd>
            </>
          )}
          <dt>{t`Credit a month`}</dt>
          <dd>
            <Money usd={plan.grant_usd} />
          </dd>
          <dt>{t`Budget a month`}</dt>
          <dd>{plan.monthly_budget_usd === null ? t`No cap` : <Money usd={plan.monthly_budget_usd} />}</dd>
          <dt>{t`Limits`}</dt>
          <dd>{limits.length === 0 ? t`None` : limits.map((limit) => <div key={limit}>{limit}</div>)}</dd>
          <dt>{t`Models`}</dt>
          <dd>{showModels(plan.models) ?? t`All`}</dd>
          <dt>{t`Prices`}</dt>
          <dd>
            {plan.multiplier === "1" ? t`List prices` : t`List prices × ${{ multiplier: plan.multiplier }}`}
          </dd>
        </dl>
        <Button
          variant="default"
          mt="auto"
          leftSection={<PencilIcon size={16} aria-hidden />}
          onClick={onChange}
          aria-label={t`Change ${{ plan: plan.name }}`}
        >
          {t`Change`}
        </Button>
      </Stack>
    </Paper>
  );
}
