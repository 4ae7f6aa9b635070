import { t } from "@lingui/core/macro";
import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, unwrap } from "@/api/client";
import { type Organisation, useRefreshOrganisations } from "@/data/organisations";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { useSubmit } from "@/kit/useSubmit";

interface Props {
  opened: boolean;
  onClose: () => void;
  onMade: (made: Organisation) => void;
}

/** The dialog that makes an organisation. */
export default function CreateOrganisation({ opened, onClose, onMade }: Props) {
  return (
    <FormDialog title={t`New organisation`} opened={opened} onClose={onClose}>
      <CreateForm onClose={onClose} onMade={onMade} />
    </FormDialog>
  );
}

function CreateForm({ onClose, onMade }: Omit<Props, "opened">) {
  const refresh = useRefreshOrganisations();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "" },
    validate: { name: (name) => (name.trim() === "" ? t`Write what it is called.` : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ name }: typeof form.values) => {
    const made = await unwrap(api().POST("/api/orgs", { body: { name: name.trim() } }));
    await refresh();
    onClose();
    onMade(made);
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Create organisation`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`People share a balance, keys and limits in it. You are its owner; it begins without credit.`}
      </Text>
      <TextInput
        label={t`Name`}
        placeholder="Acme"
        maxLength={100}
        data-autofocus
        key={form.key("name")}
        {...form.getInputProps("name")}
      />
    </DialogForm>
  );
}
