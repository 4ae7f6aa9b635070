import { t } from "@lingui/core/macro";
import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, unwrap } from "@/api/client";
import { DialogForm } from "@/kit/FormDialog";
import { useSubmit } from "@/kit/useSubmit";
import { deviceName } from "@/session/device";
import { makePasskey } from "@/session/passkeys";

interface Props {
  /** With codes for recovery, where it is the first second factor. */
  onDone: (codes: string[] | null) => void;
  onCancel: () => void;
}

/** A passkey gets a name, and the browser makes it. */
export function AddPasskey({ onDone, onCancel }: Props) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: deviceName(navigator.userAgent) },
    validate: {
      name: (name) =>
        name.trim() === "" ? t`Write a name, so that you can tell your passkeys apart.` : null,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ name }: typeof form.values) => {
    const { options } = await unwrap(api().POST("/api/auth/second-factor/passkeys/options"));
    const body = { name: name.trim(), credential: await makePasskey(options) };
    onDone((await unwrap(api().POST("/api/auth/second-factor/passkeys", { body }))).recovery_codes);
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Go on`}
      onCancel={onCancel}
    >
      <Text size="sm">
        {t`Your browser asks next how you want to make it: on this device, a phone or a security key.`}
      </Text>
      <TextInput
        label={t`Name`}
        maxLength={100}
        data-autofocus
        key={form.key("name")}
        {...form.getInputProps("name")}
      />
    </DialogForm>
  );
}
