import { t } from "@lingui/core/macro";
import { SimpleGrid, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, type Schema, unwrap } from "@/api/client";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { ModelsInput } from "../parts/ModelsInput";
import { RateFields } from "../parts/RateFields";
import { parseRates, RATE_RULES, typedRates } from "../parts/rates";
import {
  isOptionalFactor,
  isOptionalUsd,
  isOptionalWhole,
  isSlug,
  parseFactor,
  parseWhole,
} from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import { isLines, type Plan, parseLines, toBody, toLines } from "./terms";

interface Props {
  /** The plan to change; without one, another is made. */
  plan: Plan | undefined;
  /** The ids of the plans that there are. */
  taken: string[];
  opened: boolean;
  onClose: () => void;
}

/** Make a plan, or change one. */
export function PlanForm({ plan, taken, opened, onClose }: Props) {
  return (
    <Sheet
      title={plan === undefined ? t`Add a plan` : t`Change ${{ plan: plan.name }}`}
      opened={opened}
      onClose={onClose}
    >
      <Fields plan={plan} taken={taken} onClose={onClose} />
    </Sheet>
  );
}

function Fields({ plan, taken, onClose }: Omit<Props, "opened">) {
  const put = useChange(({ id, body }: { id: string; body: Schema<"PlanToSet"> }, headers) =>
    unwrap(api().PUT("/api/admin/plans/{id}", { params: { path: { id } }, body, headers })),
  );
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
      id: plan?.id ?? "",
      name: plan?.name ?? "",
      price_usd: plan?.price_usd ?? "",
      grant_usd: plan?.grant_usd ?? "",
      monthly_budget_usd: plan?.monthly_budget_usd ?? "",
      ...typedRates(plan?.limits),
      models: plan?.models ?? [],
      multiplier: plan === undefined || plan.multiplier === "1" ? "" : plan.multiplier,
      products: toLines(plan?.products ?? {}),
      yearly_price_usd: plan?.yearly_price_usd ?? "",
      yearly_products: toLines(plan?.yearly_products ?? {}),
      trial_days: plan?.trial_days ? String(plan.trial_days) : "",
      trial_grant: plan?.trial_grant ?? false,
      is_offered: plan?.is_offered ?? true,
    },
    validate: {
      id: (typed) =>
        plan === undefined && taken.includes(typed.trim())
          ? t`There is such a plan. Change that one instead.`
          : isSlug(typed),
      name: (typed) => (typed.trim() === "" ? t`Write how people know it.` : null),
      price_usd: isUsd,
      grant_usd: isUsd,
      monthly_budget_usd: isOptionalUsd,
      ...RATE_RULES,
      multiplier: isOptionalFactor,
      products: isLines,
      yearly_price_usd: isOptionalUsd,
      yearly_products: isLines,
      trial_days: isOptionalWhole,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const set = await put.mutateAsync({
      id: values.id.trim(),
      body: toBody(plan, {
        name: values.name.trim(),
        price_usd: parseUsd(values.price_usd) ?? "",
        grant_usd: parseUsd(values.grant_usd) ?? "",
        monthly_budget_usd: parseUsd(values.monthly_budget_usd),
        limits: parseRates(values),
        models: values.models.length === 0 ? null : values.models,
        multiplier: parseFactor(values.multiplier) ?? "1",
        is_offered: values.is_offered,
        products: parseLines(values.products) ?? {},
        yearly_price_usd: parseUsd(values.yearly_price_usd),
        yearly_products: parseLines(values.yearly_products) ?? {},
        trial_days: parseWhole(values.trial_days) ?? 0,
        trial_grant: values.trial_grant,
      }),
    });
    notifyDone(t`${{ set: set.name }} is saved.`);
    onClose();
  });
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={plan === undefined ? t`Add plan` : t`Save plan`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`An empty field is no cap, no limit, all models, or list prices.`}
      </Text>
      {plan === undefined && (
        <TextInput
          label={t`Id`}
          description={t`For good, like team-2027`}
          data-autofocus
          key={form.key("id")}
          {...form.getInputProps("id")}
        />
      )}
      <TextInput label={t`Name`} maxLength={100} key={form.key("name")} {...form.getInputProps("name")} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <UsdInput label={t`Price a month`} key={form.key("price_usd")} {...form.getInputProps("price_usd")} />
        <UsdInput
          label={t`Credit a month`}
          description={t`What is not used within it lapses`}
          inputWrapperOrder={["label", "input", "description", "error"]}
          key={form.key("grant_usd")}
          {...form.getInputProps("grant_usd")}
        />
      </SimpleGrid>
      <UsdInput
        label={t`Budget a month`}
        description={t`The most that its users may spend, whatever credit they have`}
        key={form.key("monthly_budget_usd")}
        {...form.getInputProps("monthly_budget_usd")}
      />
      <RateFields form={form} />
      <ModelsInput label={t`Models`} key={form.key("models")} {...form.getInputProps("models")} />
      <TextInput
        label={t`Factor on list prices`}
        placeholder="1"
        inputMode="decimal"
        key={form.key("multiplier")}
        {...form.getInputProps("multiplier")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <UsdInput
          label={t`Price a year`}
          description={t`At once. Empty: by the month only`}
          inputWrapperOrder={["label", "input", "description", "error"]}
          key={form.key("yearly_price_usd")}
          {...form.getInputProps("yearly_price_usd")}
        />
        <TextInput
          label={t`Free days`}
          description={t`Of a first subscription`}
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder="0"
          inputMode="numeric"
          key={form.key("trial_days")}
          {...form.getInputProps("trial_days")}
        />
      </SimpleGrid>
      <Switch
        label={t`The credit comes with the free days, too`}
        key={form.key("trial_grant")}
        {...form.getInputProps("trial_grant", { type: "checkbox" })}
      />
      <Textarea
        label={t`At payment providers`}
        description={t`What they call a month of it, where they must be told`}
        placeholder="stripe = price_1Q2w3E"
        autosize
        minRows={1}
        spellCheck={false}
        key={form.key("products")}
        {...form.getInputProps("products")}
      />
      <Textarea
        label={t`A year of it at payment providers`}
        placeholder="stripe = price_9Zx8yW"
        autosize
        minRows={1}
        spellCheck={false}
        key={form.key("yearly_products")}
        {...form.getInputProps("yearly_products")}
      />
      <Switch
        label={t`On offer: new subscriptions may be made`}
        key={form.key("is_offered")}
        {...form.getInputProps("is_offered", { type: "checkbox" })}
      />
    </SheetForm>
  );
}
