import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { Problem } from "@/api/problem";
import { useSubmit } from "@/kit/useSubmit";
import { session } from "@/session/session";
import { Entrance } from "./Entrance";
import { isEmail } from "./rules";

export default function SignInPage() {
  const { search } = useLocation();
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "", code: "" },
    validate: { email: isEmail, password: (text) => (text === "" ? "Write your password." : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const body = { ...values, code: values.code.trim() || null };
    try {
      session.start(await unwrap(openApi().POST("/api/auth/login", { body }))); // the guard leads on
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "second_factor_required" || needsCode) throw error;
      setNeedsCode(true);
    }
  });

  return (
    <Entrance
      title="Sign in"
      problem={problem}
      footer={
        <>
          New here?{" "}
          <Anchor component={Link} to={{ pathname: "/sign-up", search }} underline="always">
            Make an account
          </Anchor>
        </>
      }
    >
      <form onSubmit={form.onSubmit(submit)} noValidate>
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
          {needsCode && (
            <TextInput
              label="Code of your authenticator app"
              description="Or a code for recovery."
              autoComplete="one-time-code"
              autoFocus
              key={form.key("code")}
              {...form.getInputProps("code")}
            />
          )}
          <Anchor component={Link} to="/forgot-password" size="sm" style={{ alignSelf: "flex-end" }}>
            Forgot your password?
          </Anchor>
          <Button type="submit" size="md" loading={isSending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
