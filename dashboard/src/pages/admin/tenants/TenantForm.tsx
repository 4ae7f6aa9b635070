import { t } from "@lingui/core/macro";
import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, type Schema, unwrap } from "@/api/client";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { isOptionalUsd, isSlug } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";

export type Tenant = Schema<"TenantAnswer">;

interface Props {
  /** The tenant whose budget is changed; without one, another gets its first. */
  tenant?: Tenant;
  opened: boolean;
  onClose: () => void;
}

/** Set what a tenant's users may spend together. */
export function TenantForm({ tenant, opened, onClose }: Props) {
  return (
    <Sheet
      title={
        tenant === undefined ? t`Set a tenant's budget` : t`Change the budget of ${{ tenant: tenant.id }}`
      }
      opened={opened}
      onClose={onClose}
    >
      <Fields tenant={tenant} onClose={onClose} />
    </Sheet>
  );
}

function Fields({ tenant, onClose }: Omit<Props, "opened">) {
  const change = useChange(({ id, ...body }: Schema<"TenantBudgetToSet"> & { id: string }, headers) =>
    unwrap(api().PUT("/api/admin/tenants/{id}", { params: { path: { id } }, body, headers })),
  );
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
      id: tenant?.id ?? "",
      monthly_budget_usd: tenant?.budget.limit_usd ?? "",
      time_zone: tenant?.time_zone ?? "UTC",
    },
    validate: {
      id: isSlug,
      monthly_budget_usd: isOptionalUsd,
      time_zone: (typed) => (typed.trim() === "" ? t`Write a time zone, like Europe/Berlin.` : null),
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    await change.mutateAsync({
      id: values.id.trim(),
      monthly_budget_usd: parseUsd(values.monthly_budget_usd),
      time_zone: values.time_zone.trim(),
    });
    notifyDone(t`The budget is set. It holds within a minute.`);
    onClose();
  });
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Save budget`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`An empty budget is no cap; what is spent is counted on.`}
      </Text>
      <TextInput
        label={t`Tenant`}
        readOnly={tenant !== undefined}
        autoComplete="off"
        spellCheck={false}
        key={form.key("id")}
        {...form.getInputProps("id")}
      />
      <UsdInput
        label={t`Budget a month`}
        data-autofocus
        key={form.key("monthly_budget_usd")}
        {...form.getInputProps("monthly_budget_usd")}
      />
      <TextInput
        label={t`Time zone`}
        description={t`Its months begin and end there`}
        key={form.key("time_zone")}
        {...form.getInputProps("time_zone")}
      />
    </SheetForm>
  );
}
