import { plural, t } from "@lingui/core/macro";
import { Alert } from "@mantine/core";
import { useForm } from "@mantine/form";
import { TriangleAlertIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { type Member, useRefreshGroups } from "@/data/groups";
import { useOrganisation, useRefreshOrganisations } from "@/data/organisations";
import { ROLE_NAMES, SPENDING } from "@/data/roles";
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
    const { revoked_keys } = await unwrap(
      api().PATCH("/api/orgs/{org}/members/{uid}", { params: { path }, body }),
    );
    await Promise.all([refresh("members"), refreshOrganisations()]); // it may be one's own role
    notifyDone(
      revoked_keys > 0
        ? plural(revoked_keys, {
            one: "Saved. # key of theirs is revoked.",
            other: "Saved. # keys of theirs are revoked.",
          })
        : t`Saved. It holds for their keys within seconds.`,
    );
    onClose();
  });
  const endsKeys = SPENDING.includes(member.role) && !SPENDING.includes(form.values.role);
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={endsKeys ? t`Save and end their keys` : t`Save changes`}
      danger={endsKeys}
      onCancel={onClose}
    >
      <RoleSelect {...form.getInputProps("role")} />
      {endsKeys && (
        <Alert color="red" variant="light" icon={<TriangleAlertIcon />} role="status">
          {t`${{ role: ROLE_NAMES[form.values.role] }} is a role without spending: their keys here that ask models stop within 5 seconds, for good. Another role does not bring them back.`}
        </Alert>
      )}
      <UsdInput
        label={t`Monthly budget`}
        description={t`What all their keys together may spend in a calendar month.`}
        placeholder={t`No limit`}
        {...form.getInputProps("monthly_budget_usd")}
      />
    </DialogForm>
  );
}
