import { t } from "@lingui/core/macro";
import { Alert, Checkbox, NumberInput, SimpleGrid, Stack, TagsInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useOrganisation } from "@/data/organisations";
import { Fold } from "@/kit/Fold";
import { GROUP } from "@/kit/numbers";
import { RATES } from "@/kit/rates";
import { UsdInput } from "@/kit/UsdInput";
import { BUDGETS, NO_TERMS, type Scope, type Terms } from "./terms";

const SCOPES: Record<Scope, { label: string; told: string }> = {
  inference: { label: t`Ask models`, told: t`Completions, embeddings and the like: what keys are for.` },
  usage: { label: t`Read usage`, told: t`Requests, statistics and receipts.` },
  keys: { label: t`Make keys`, told: t`Makes keys, and reads, changes and revokes those that it made.` },
  billing: { label: t`Read billing`, told: t`The balance, the ledger and payments.` },
};
const FEWER: (keyof Terms)[] = ["name", "models", "monthly_budget_usd", "expires_on"]; // that are always in sight

/** The limits that few keys need, folded away unless one of them is set. */
export function MoreFields({ form }: { form: UseFormReturnType<Terms> }) {
  const values = form.getValues();
  const mayGive = useOrganisation()?.scopes ?? ["inference"];
  const scopes = (Object.keys(SCOPES) as Scope[]).filter(
    (scope) => mayGive.includes(scope) || values.scopes.includes(scope),
  );
  const hasProblem = Object.keys(form.errors).some((field) => !FEWER.includes(field as keyof Terms));
  return (
    <Fold
      title={t`More limits: other budgets, rates, addresses, scopes`}
      opened={isAnySet(values)}
      hasProblem={hasProblem}
    >
      <Stack gap="md" pt="md">
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          {BUDGETS.slice(1).map(({ field, label }) => (
            <UsdInput
              key={form.key(field)}
              label={label}
              placeholder={t`No limit`}
              {...form.getInputProps(field)}
            />
          ))}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          {RATES.map(({ field, label }) => (
            <NumberInput
              key={form.key(field)}
              label={label}
              placeholder={t`No limit`}
              min={1}
              max={1_000_000_000}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator={GROUP}
              hideControls
              {...form.getInputProps(field)}
            />
          ))}
        </SimpleGrid>
        <TagsInput
          label={t`Addresses`}
          description={t`Where it may be used from: addresses and ranges, like 203.0.113.7 or 203.0.113.0/24.`}
          placeholder={values.allowed_ips.length === 0 ? t`Anywhere` : undefined}
          splitChars={[",", " "]}
          acceptValueOnBlur
          key={form.key("allowed_ips")}
          {...form.getInputProps("allowed_ips")}
        />
        <Checkbox.Group label={t`It may`} key={form.key("scopes")} {...form.getInputProps("scopes")}>
          <Stack gap="xs" mt={6}>
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={SCOPES[scope].label}
                description={SCOPES[scope].told}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        {values.scopes.includes("keys") && (
          <Alert variant="light" color="orange" title={t`Its budgets are its own`}>
            {t`They cap what it spends itself, not what the keys that it makes spend. To cap all of them together, put it in a project with a budget.`}
          </Alert>
        )}
      </Stack>
    </Fold>
  );
}

function isAnySet(terms: Terms): boolean {
  const more = (Object.keys(terms) as (keyof Terms)[]).filter((field) => !FEWER.includes(field));
  return more.some((field) => JSON.stringify(terms[field]) !== JSON.stringify(NO_TERMS[field]));
}
