import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Badge, Button, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Me } from "@/data/me";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { Unspaced } from "@/kit/Unspaced";
import { useOnce } from "@/kit/useOnce";
import { useSubmit } from "@/kit/useSubmit";
import { isEmail } from "@/pages/sign-in/rules";

/** The address that one signs in with: proved, or to be proved, or to be another. */
export function Address({ person }: { person: Me }) {
  const [isChanging, setChanging] = useState(false);
  const send = useOnce({
    mutationFn: () => unwrap(api().POST("/api/auth/verify-email")),
    onSuccess: () => notifyDone(t`A mail is on its way.`),
    onError: (error) => notifyProblem(error, t`The mail was not sent`),
  });
  return (
    <Panel title={t`E-mail address`}>
      <Group justify="space-between">
        <Group gap="sm">
          <Text style={{ overflowWrap: "anywhere" }}>
            <Unspaced text={person.email} />
          </Text>
          {person.email_verified ? (
            <Badge variant="light">{t`Confirmed`}</Badge>
          ) : (
            <Badge variant="light" color="orange">
              {t`Not confirmed`}
            </Badge>
          )}
        </Group>
        <Group gap="sm">
          {!person.email_verified && (
            <Button variant="light" onClick={() => send.mutate()} loading={send.isPending}>
              {t`Send the confirmation mail`}
            </Button>
          )}
          <Button variant="default" onClick={() => setChanging(true)}>
            {t`Change address`}
          </Button>
        </Group>
      </Group>
      <FormDialog title={t`Change your address`} opened={isChanging} onClose={() => setChanging(false)}>
        {person.has_password ? (
          <ChangeForm onClose={() => setChanging(false)} />
        ) : (
          <Text size="sm">
            <Trans>
              That takes your password, and you have none yet.{" "}
              <Anchor component={Link} to="/account/security" inherit underline="always">
                Choose one first
              </Anchor>
              .
            </Trans>
          </Text>
        )}
      </FormDialog>
    </Panel>
  );
}

function ChangeForm({ onClose }: { onClose: () => void }) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "" },
    validate: { email: isEmail, password: (text) => (text === "" ? t`Write your password.` : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const body = { ...values, email: values.email.trim() };
    await unwrap(api().POST("/api/auth/email", { body }));
    notifyDone(t`A mail is on its way to the new address.`);
    onClose();
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Send the mail`}
      onCancel={onClose}
    >
      <Text size="sm" c="dimmed">
        {t`Every other session ends now. The new address counts once you open the link that is mailed to it.`}
      </Text>
      <TextInput
        label={t`New e-mail address`}
        type="email"
        autoComplete="email"
        data-autofocus
        key={form.key("email")}
        {...form.getInputProps("email")}
      />
      <PasswordInput
        label={t`Your password`}
        autoComplete="current-password"
        key={form.key("password")}
        {...form.getInputProps("password")}
      />
    </DialogForm>
  );
}
