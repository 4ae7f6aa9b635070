import { t } from "@lingui/core/macro";
import { Select, SimpleGrid, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { ModelsInput } from "../parts/ModelsInput";
import { RateFields } from "../parts/RateFields";
import { parseRates, RATE_RULES, typedRates } from "../parts/rates";
import { isOptionalFactor, isOptionalSlug, isOptionalUsd, orNull, parseFactor } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { changed, type Terms, termsOf } from "./terms";
import { useChangeUser } from "./useChangeUser";
import { type ManagedUser, usePlanChoices } from "./users";

/** What a user may be held to, by the fields of the terms. */
export const BUDGETS = [
  { field: "monthly_budget_usd", label: t`Budget a month` },
  { field: "daily_budget_usd", label: t`Budget a day` },
  { field: "weekly_budget_usd", label: t`Budget a week` },
  { field: "total_budget_usd", label: t`Budget in all` },
] as const;

interface Props {
  user: ManagedUser;
  opened: boolean;
  onClose: () => void;
}

/** Change what a user may do, and at which prices. */
export function TermsForm({ user, opened, onClose }: Props) {
  return (
    <Sheet title={t`Change terms`} opened={opened} onClose={onClose}>
      <Fields user={user} onClose={onClose} />
    </Sheet>
  );
}

function Fields({ user, onClose }: Omit<Props, "opened">) {
  const plans = usePlanChoices();
  const change = useChangeUser(user.id);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
      plan: user.plan,
      monthly_budget_usd: user.budget.limit_usd ?? "",
      daily_budget_usd: user.budgets?.daily.limit_usd ?? "",
      weekly_budget_usd: user.budgets?.weekly.limit_usd ?? "",
      total_budget_usd: user.budgets?.total.limit_usd ?? "",
      ...typedRates(user.limits),
      models: user.models ?? [],
      multiplier: user.multiplier ?? "",
      tenant_id: user.tenant_id ?? "",
    },
    validate: {
      monthly_budget_usd: isOptionalUsd,
      daily_budget_usd: isOptionalUsd,
      weekly_budget_usd: isOptionalUsd,
      total_budget_usd: isOptionalUsd,
      ...RATE_RULES,
      multiplier: isOptionalFactor,
      tenant_id: isOptionalSlug,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const wanted: Terms = {
      plan: values.plan,
      monthly_budget_usd: parseUsd(values.monthly_budget_usd),
      daily_budget_usd: parseUsd(values.daily_budget_usd),
      weekly_budget_usd: parseUsd(values.weekly_budget_usd),
      total_budget_usd: parseUsd(values.total_budget_usd),
      limits: parseRates(values),
      models: values.models.length === 0 ? null : values.models,
      multiplier: parseFactor(values.multiplier),
      tenant_id: orNull(values.tenant_id),
    };
    const difference = changed(termsOf(user), wanted);
    if (Object.keys(difference).length > 0) {
      await change.mutateAsync(difference);
      notifyDone(t`The terms are changed. They hold everywhere within 5 seconds.`);
    }
    onClose();
  });
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Save terms`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`An empty field is no cap, no limit, all models, or list prices. What is set here stays when the plan changes.`}
      </Text>
      <Select
        label={t`Plan`}
        description={t`A new plan brings its terms at once, and its credit of this month.`}
        placeholder={t`None`}
        clearable
        data={plans}
        key={form.key("plan")}
        {...form.getInputProps("plan")}
      />
      <SimpleGrid cols={2}>
        {BUDGETS.map(({ field, label }) => (
          <UsdInput key={form.key(field)} label={label} {...form.getInputProps(field)} />
        ))}
      </SimpleGrid>
      <RateFields form={form} />
      <ModelsInput
        label={t`Allowed models`}
        description={t`All of the user's keys are held to these.`}
        placeholder={user.models === null ? t`All models` : undefined}
        key={form.key("models")}
        {...form.getInputProps("models")}
      />
      <TextInput
        label={t`Factor on list prices`}
        description={t`1.25 is a margin of a quarter on top. Empty: the plan's, or 1.`}
        inputMode="decimal"
        key={form.key("multiplier")}
        {...form.getInputProps("multiplier")}
      />
      <TextInput label={t`Tenant`} key={form.key("tenant_id")} {...form.getInputProps("tenant_id")} />
    </SheetForm>
  );
}
