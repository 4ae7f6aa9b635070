import { t } from "@lingui/core/macro";
import { Alert, Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { MailCheckIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { useSubmit } from "@/kit/useSubmit";
import { Entrance } from "./Entrance";
import { isEmail } from "./rules";

export default function ForgotPasswordPage() {
  const [isSent, setSent] = useState(false);
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "" }, validate: { email: isEmail } });
  const { submit, problem, isSending } = useSubmit(form, async (body: typeof form.values) => {
    await unwrap(openApi().POST("/api/auth/password-reset", { body }));
    setSent(true);
  });

  return (
    <Entrance
      title={t`Forgot your password?`}
      lead={t`We send you a link with which to choose a new one.`}
      problem={problem}
      footer={
        <Anchor component={Link} to="/sign-in">
          {t`Back to signing in`}
        </Anchor>
      }
    >
      {isSent ? (
        <Alert icon={<MailCheckIcon />} role="status">
          {t`If the address has an account, a mail is on its way. Its link works for one hour.`}
        </Alert>
      ) : (
        <form onSubmit={form.onSubmit(submit)} noValidate>
          <Stack>
            <TextInput
              label={t`E-mail address`}
              type="email"
              autoComplete="username"
              autoFocus
              key={form.key("email")}
              {...form.getInputProps("email")}
            />
            <Button type="submit" size="md" loading={isSending}>
              {t`Send the link`}
            </Button>
          </Stack>
        </form>
      )}
    </Entrance>
  );
}
