import { t } from "@lingui/core/macro";
import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, unwrap } from "@/api/client";
import { useInvitations, useMembers, useRefreshGroups } from "@/data/groups";
import { type Role, useOrganisation } from "@/data/organisations";
import { DialogForm } from "@/kit/FormDialog";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { isEmail } from "@/pages/sign-in/rules";
import { budgetOf, isUsdOrEmpty } from "./budget";
import { whyNotInvite } from "./invited";
import { RoleSelect } from "./RoleSelect";

/** Whom to invite, as what. */
export function InviteForm({ onClose }: { onClose: () => void }) {
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  const members = useMembers();
  const invitations = useInvitations();
  const form = useForm({
    initialValues: { email: "", role: "member" as Role, monthly_budget_usd: "" },
    validate: {
      email: (typed) => isEmail(typed) ?? whyNotInvite(typed, members.data, invitations.data),
      monthly_budget_usd: isUsdOrEmpty,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const path = { org: here?.id ?? "" };
    const body = {
      ...values,
      email: values.email.trim(),
      monthly_budget_usd: budgetOf(values.monthly_budget_usd),
    };
    const made = await unwrap(api().POST("/api/orgs/{org}/invitations", { params: { path }, body }));
    await refresh("invitations");
    notifyDone(t`A mail to ${{ email: made.email }} is on its way.`);
    onClose();
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Send invitation`}
      onCancel={onClose}
    >
      <TextInput
        label={t`E-mail address`}
        description={t`The link in the mail works for 7 days, once, for whoever owns this address.`}
        type="email"
        data-autofocus
        {...form.getInputProps("email")}
      />
      <RoleSelect {...form.getInputProps("role")} />
      <UsdInput
        label={t`Monthly budget`}
        description={t`What all their keys together may spend in a calendar month.`}
        placeholder={t`No limit`}
        {...form.getInputProps("monthly_budget_usd")}
      />
    </DialogForm>
  );
}
