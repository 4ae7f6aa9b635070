import { t } from "@lingui/core/macro";
import { PasswordInput, Select, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { isEmail } from "@/pages/sign-in/rules";
import { isOptionalSlug, isOptionalUsd, orNull } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import { usePlanChoices } from "./users";

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Make an account for somebody. */
export function ProvisionForm({ opened, onClose }: Props) {
  return (
    <Sheet title={t`Add a user`} opened={opened} onClose={onClose}>
      <Fields onClose={onClose} />
    </Sheet>
  );
}

interface Wish {
  email: string;
  password?: string;
  plan?: string;
  tenant_id?: string;
  credit_usd?: string;
}

function Fields({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const plans = usePlanChoices();
  const provision = useChange((body: Wish, headers) =>
    unwrap(api().POST("/api/admin/provision-user", { body, headers })),
  );
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "", plan: null as string | null, tenant_id: "", credit_usd: "" },
    validate: { email: isEmail, tenant_id: isOptionalSlug, credit_usd: isOptionalUsd },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const { user: made } = await provision.mutateAsync({
      email: values.email.trim(),
      password: values.password || undefined,
      plan: values.plan ?? undefined,
      tenant_id: orNull(values.tenant_id) ?? undefined,
      credit_usd: parseUsd(values.credit_usd) ?? undefined,
    });
    notifyDone(t`${{ email: made.email }} has an account.`);
    onClose();
    void go(`/admin/users/${encodeURIComponent(made.id)}`);
  });
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Add user`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`Sent again for the same address, it goes on where it was cut off and gives its credit once.`}
      </Text>
      <TextInput
        label={t`E-mail address`}
        type="email"
        autoComplete="off"
        data-autofocus
        key={form.key("email")}
        {...form.getInputProps("email")}
      />
      <PasswordInput
        label={t`Password`}
        description={t`Optional. Without one, a mail lets them choose their own.`}
        autoComplete="new-password"
        key={form.key("password")}
        {...form.getInputProps("password")}
      />
      <Select
        label={t`Plan`}
        description={t`Optional. Its terms hold at once, and this month's credit is granted.`}
        placeholder={t`None`}
        clearable
        data={plans}
        key={form.key("plan")}
        {...form.getInputProps("plan")}
      />
      <TextInput
        label={t`Tenant`}
        description={t`Optional. The company or group that they belong to.`}
        key={form.key("tenant_id")}
        {...form.getInputProps("tenant_id")}
      />
      <UsdInput
        label={t`Credit to begin with`}
        description={t`Optional`}
        key={form.key("credit_usd")}
        {...form.getInputProps("credit_usd")}
      />
    </SheetForm>
  );
}
