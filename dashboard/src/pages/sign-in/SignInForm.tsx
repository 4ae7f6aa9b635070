import { t } from "@lingui/core/macro";
import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { FingerprintIcon, TriangleAlertIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { Problem } from "@/api/problem";
import { useSubmit } from "@/kit/useSubmit";
import { knowsPasskeys, showPasskey } from "@/session/passkeys";
import { session } from "@/session/session";
import { isEmail } from "./rules";

interface Props {
  /** Whose session it was, where one signs in again. */
  email?: string;
}

/** Signs in with address and password, and with a second factor where the account has one. Whoever shows this leads on
 * when the session has begun. */
export function SignInForm({ email = "" }: Props) {
  const [needsFactor, setNeedsFactor] = useState(false);
  const isAgain = email !== "";
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email, password: "", code: "" },
    validate: { email: isEmail, password: (text) => (text === "" ? t`Write your password.` : null) },
  });
  const byCode = useSubmit(form, async (values: typeof form.values) => {
    const body = { ...values, code: values.code.trim() || null };
    try {
      session.start(await unwrap(openApi().POST("/api/auth/login", { body })));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "second_factor_required" || needsFactor) throw error;
      setNeedsFactor(true);
    }
  });
  const byPasskey = useSubmit(form, async (values: typeof form.values) => {
    const shown = { email: values.email, password: values.password };
    const asked = openApi().POST("/api/auth/second-factor/challenge", { body: shown });
    const passkey = await showPasskey((await unwrap(asked)).options);
    session.start(await unwrap(openApi().POST("/api/auth/login", { body: { ...shown, passkey } })));
  });
  const problem = byCode.problem ?? byPasskey.problem;
  return (
    <form onSubmit={form.onSubmit(byCode.submit)} noValidate>
      <Stack>
        {problem !== null && (
          <Alert color="red" icon={<TriangleAlertIcon />} role="alert" variant="light">
            {problem}
          </Alert>
        )}
        <TextInput
          label={t`E-mail address`}
          type="email"
          autoComplete="username"
          autoFocus={!isAgain}
          readOnly={isAgain}
          key={form.key("email")}
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t`Password`}
          autoComplete="current-password"
          data-autofocus
          key={form.key("password")}
          {...form.getInputProps("password")}
        />
        {needsFactor && (
          <>
            <TextInput
              label={t`Code of your authenticator app`}
              description={t`Or a code for recovery.`}
              autoComplete="one-time-code"
              autoFocus
              key={form.key("code")}
              {...form.getInputProps("code")}
            />
            {knowsPasskeys() && (
              <Button
                variant="default"
                leftSection={<FingerprintIcon size={17} aria-hidden />}
                loading={byPasskey.isSending}
                onClick={() => form.onSubmit(byPasskey.submit)()}
              >
                {t`Use a passkey instead`}
              </Button>
            )}
          </>
        )}
        {!isAgain && (
          <Anchor component={Link} to="/forgot-password" size="sm" style={{ alignSelf: "flex-end" }}>
            {t`Forgot your password?`}
          </Anchor>
        )}
        <Button type="submit" size="md" loading={byCode.isSending}>
          {t`Sign in`}
        </Button>
      </Stack>
    </form>
  );
}
