import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link, useLocation } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { useSubmit } from "@/kit/useSubmit";
import { session } from "@/session/session";
import { Entrance } from "./Entrance";
import { isEmail } from "./rules";

export default function SignInPage() {
  const { search } = useLocation();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "" },
    validate: { email: isEmail, password: (text) => (text === "" ? "Write your password." : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async (body: typeof form.values) => {
    session.start(await unwrap(openApi().POST("/api/auth/login", { body }))); // the guard leads on
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
