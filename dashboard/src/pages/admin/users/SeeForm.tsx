import { t } from "@lingui/core/macro";
import { Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { useSubmit } from "@/kit/useSubmit";
import { seeing } from "@/session/seeing";
import { isReason } from "../parts/rules";
import { useChange } from "../parts/useChange";
import { type ManagedUser, nameOf } from "./users";

interface Props {
  user: ManagedUser;
  opened: boolean;
  onClose: () => void;
}

/** See the dashboard as a user does, for a while. */
export function SeeForm({ user, opened, onClose }: Props) {
  return (
    <FormDialog title={t`See as ${{ name: nameOf(user) }}`} opened={opened} onClose={onClose}>
      <Fields user={user} onClose={onClose} />
    </FormDialog>
  );
}

function Fields({ user, onClose }: Omit<Props, "opened">) {
  const go = useNavigate();
  const see = useChange((body: { reason: string }, headers) =>
    unwrap(api().POST("/api/admin/users/{id}/see", { params: { path: { id: user.id } }, body, headers })),
  );
  const form = useForm({ initialValues: { reason: "" }, validate: { reason: isReason } });
  const { submit, problem, isSending } = useSubmit(form, async ({ reason }: typeof form.values) => {
    const sight = await see.mutateAsync({ reason: reason.trim() });
    await go("/"); // first: whoever sees as somebody else begins a page of their own
    seeing.begin({
      pass: sight.pass,
      uid: user.id,
      email: nameOf(user),
      endsAt: Date.parse(sight.expires_at),
    });
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`See as this user`}
      onCancel={onClose}
    >
      <Text size="sm">
        {t`You see their pages as they do for 30 minutes. Nothing can be changed, bought or read that is secret, and the audit trail tells of it.`}
      </Text>
      <Textarea
        label={t`Reason`}
        description={t`For the audit trail.`}
        autosize
        minRows={2}
        maxLength={500}
        data-autofocus
        {...form.getInputProps("reason")}
      />
    </DialogForm>
  );
}
