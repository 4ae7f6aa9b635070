import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { FingerprintIcon } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { Problem } from "@/api/problem";
import { useSubmit } from "@/kit/useSubmit";
import { knowsPasskeys, showPasskey } from "@/session/passkeys";
import { session } from "@/session/session";
import { Entrance } from "./Entrance";
import { Providers } from "./Providers";
import { isEmail } from "./rules";

export default function SignInPage() {
  const { search } = useLocation();
  const [needsFactor, setNeedsFactor] = useState(false);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "", code: "" },
    validate: { email: isEmail, password: (text) => (text === "" ? "Write your password." : null) },
  });
  const byCode = useSubmit(form, async (values: typeof form.values) => {
    const body = { ...values, code: values.code.trim() || null };
    try {
      session.start(await unwrap(openApi().POST("/api/auth/login", { body }))); // the guard leads on
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "second_factor_required" || needsFactor) throw error;
      setNeedsFactor(true);
    }
  });
  const byPasskey = useSubmit(form, async ({ email, password }: typeof form.values) => {
    const asked = openApi().POST("/api/auth/second-factor/challenge", { body: { email, password } });
    const passkey = await showPasskey((await unwrap(asked)).options);
    session.start(await unwrap(openApi().POST("/api/auth/login", { body: { email, password, passkey } })));
  });

  return (
    <Entrance
      title="Sign in"
      problem={byCode.problem ?? byPasskey.problem}
      footer={
        <>
          New here?{" "}
          <Anchor component={Link} to={{ pathname: "/sign-up", search }} underline="always">
            Make an account
          </Anchor>
        </>
      }
    >
      <Providers />
      <form onSubmit={form.onSubmit(byCode.submit)} noValidate>
        <Stack>
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          {needsFactor && (
            <>
              <TextInput
                label="Code of your authenticator app"
                description="Or a code for recovery."
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
                  Use a passkey instead
                </Button>
              )}
            </>
          )}
          <Anchor component={Link} to="/forgot-password" size="sm" style={{ alignSelf: "flex-end" }}>
            Forgot your password?
          </Anchor>
          <Button type="submit" size="md" loading={byCode.isSending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
