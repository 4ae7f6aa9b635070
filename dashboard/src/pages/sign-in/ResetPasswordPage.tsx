import { t } from "@lingui/core/macro";
import { Alert, Anchor, Button, Checkbox, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { CheckIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { useSubmit } from "@/kit/useSubmit";
import { useMailedToken } from "@/session/mailedToken";
import { session } from "@/session/session";
import { Entrance } from "./Entrance";
import { isPassword } from "./rules";

export default function ResetPasswordPage() {
  const token = useMailedToken();
  const [done, setDone] = useState(false);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { password: "", revokeKeys: true },
    validate: { password: isPassword },
  });
  const { submit, problem, isSending } = useSubmit(
    form,
    async ({ password, revokeKeys }: typeof form.values) => {
      if (token === null) return;
      const body = { token, password, revoke_keys: revokeKeys };
      await unwrap(openApi().POST("/api/auth/password-reset/confirm", { body }));
      session.end(); // the server has ended every session
      setDone(true);
    },
  );

  if (token === null) {
    return (
      <Entrance
        title={t`This link is not whole`}
        lead={t`Open it from the mail once more, or have a new one sent.`}
        footer={
          <Anchor component={Link} to="/forgot-password">
            {t`Have a new link sent`}
          </Anchor>
        }
      >
        {null}
      </Entrance>
    );
  }
  if (done) {
    return (
      <Entrance title={t`Your password is changed`}>
        <Alert icon={<CheckIcon />} role="status">
          {t`Every session of yours has ended. Sign in with the new password.`}
        </Alert>
        <Button component={Link} to="/sign-in" size="md">
          {t`Sign in`}
        </Button>
      </Entrance>
    );
  }
  return (
    <Entrance
      title={t`Choose a new password`}
      lead={t`You will be signed out everywhere.`}
      problem={problem}
      footer={
        <Anchor component={Link} to="/forgot-password">
          {t`Have a new link sent`}
        </Anchor>
      }
    >
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack>
          <PasswordInput
            label={t`New password`}
            autoComplete="new-password"
            autoFocus
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Checkbox
            label={t`Revoke my API keys and end all other access as well`}
            description={t`Whoever had the old password may have made keys, invited members or set a webhook.`}
            key={form.key("revokeKeys")}
            {...form.getInputProps("revokeKeys", { type: "checkbox" })}
          />
          <Button type="submit" size="md" loading={isSending}>
            {t`Change password`}
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
