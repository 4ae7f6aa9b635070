import { t } from "@lingui/core/macro";
import { Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { api, unwrap } from "@/api/client";
import { CopyButton } from "@/kit/CopyButton";
import { DialogForm } from "@/kit/FormDialog";
import { Loaded } from "@/kit/Loaded";
import { useSubmit } from "@/kit/useSubmit";
import { QrCode } from "./QrCode";

interface Props {
  /** With the codes for recovery, which nobody can tell again. */
  onDone: (codes: string[] | null) => void;
  onCancel: () => void;
}

/** An app takes a secret, and proves by its first code that it has. */
export function AddApp({ onDone, onCancel }: Props) {
  const beginning = useId();
  // A query and no mutation: it begins with the dialog. Each dialog gets a secret of its own.
  const begun = useQuery({
    queryKey: ["account", "app", beginning],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => unwrap(api().POST("/api/auth/second-factor/totp")),
  });
  const form = useForm({
    initialValues: { code: "" },
    validate: {
      code: (code) => (/^\s*\d{3}\s?\d{3}\s*$/.test(code) ? null : t`Write the six digits that it shows.`),
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ code }: typeof form.values) => {
    const body = { code: code.replaceAll(/\s/g, "") };
    onDone((await unwrap(api().POST("/api/auth/second-factor/totp/confirm", { body }))).recovery_codes);
  });
  return (
    <Loaded query={begun}>
      {({ secret, uri }) => (
        <DialogForm
          onSubmit={form.onSubmit(submit)}
          problem={problem}
          isSending={isSending}
          action={t`Confirm`}
          onCancel={onCancel}
        >
          <Text size="sm">{t`Scan this with your authenticator app, and write the code that it shows.`}</Text>
          <Group justify="center">
            <QrCode text={uri} label={t`QR code for your authenticator app`} />
          </Group>
          <Stack gap={2}>
            <Text size="sm" c="dimmed">
              {t`You cannot scan it? Type this secret into the app:`}
            </Text>
            <Group gap={4} wrap="nowrap">
              <Code aria-label={t`Secret`} style={{ overflowWrap: "anywhere" }}>
                {secret}
              </Code>
              <CopyButton value={secret} what={t`secret`} />
            </Group>
          </Stack>
          <TextInput
            label={t`Code`}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus // it comes after the dialog
            {...form.getInputProps("code")}
          />
        </DialogForm>
      )}
    </Loaded>
  );
}
