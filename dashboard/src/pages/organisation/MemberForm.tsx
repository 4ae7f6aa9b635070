import { t } from "@lingui/core/macro";
import { useForm } from "@mantine/form";
import { api, unwrap } from "@/api/client";
import { type Member, useRefreshGroups } from "@/data/groups";
import { useOrganisation, useRefreshOrganisations } from "@/data/organisations";
import { DialogForm } from "@/kit/FormDialog";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { budgetOf, isUsdOrEmpty } from "./budget";
import { RoleSelect } from "./RoleSelect";

interface Props {
  member: Member;
  onClose: () => void;
}

/** A member's role and budget, to be changed. */
export function MemberForm({ member, onClose }: Props) {
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  const refreshOrganisations = useRefreshOrganisations();
  const form = useForm({
    initialValues: { role: member.role, monthly_budget_usd: member.monthly_budget_usd ?? "" },
    validate: { monthly_budget_usd: isUsdOrEmpty },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const path = { org: here?.id ?? "", uid: member.id };
    const body = { role: values.role, monthly_budget_usd: budgetOf(values.monthly_budget_usd) };
    await unwrap(api().PATCH("/api/orgs/{org}/members/{uid}", { params: { path }, body }));
    await Promise.all([refresh("members"), refreshOrganisations()]); // it may be one's own role
    notifyDone(t`Saved. It holds for their keys within seconds.`);
    onClose();
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Save changes`}
      onCancel={onClose}
    >
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
