import { Anchor, Button, Checkbox, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, openApi, unwrap } from "@/api/client";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { isPassword } from "@/pages/sign-in/rules";
import { session } from "@/session/session";

/** Another password in the place of the present one; for who has none, or forgot it, by mail. */
export function Password({ email }: { email: string }) {
  const queries = useQueryClient();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { current_password: "", password: "", revoke_keys: false },
    validate: {
      current_password: (text) => (text === "" ? "Write your present password." : null),
      password: isPassword,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (body: typeof form.values) => {
    session.start(await unwrap(api().POST("/api/auth/password", { body }))); // all former sessions have ended
    form.reset();
    await queries.invalidateQueries();
    notifyDone("Your password is changed. Every other session has ended.");
  });
  const send = useMutation({
    mutationFn: () => unwrap(openApi().POST("/api/auth/password-reset", { body: { email } })),
    onSuccess: () => notifyDone(`A mail to ${email} is on its way. Its link works for one hour.`),
    onError: (error) => notifyProblem(error, "The mail was not sent"),
  });
  return (
    <Panel title="Password" lead="A new one signs you out everywhere else.">
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack maw={420} mt="xs">
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            key={form.key("current_password")}
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Checkbox
            label="Revoke my API keys and end all other access as well"
            description="If somebody else may have known the old one: they may have made keys, invited members or set a webhook."
            key={form.key("revoke_keys")}
            {...form.getInputProps("revoke_keys", { type: "checkbox" })}
          />
          {problem !== null && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {problem}
            </Text>
          )}
          <Button type="submit" loading={isSending} style={{ alignSelf: "flex-start" }}>
            Change password
          </Button>
          <Text size="sm" c="dimmed">
            You have none, or forgot it?{" "}
            <Anchor
              component="button"
              type="button"
              inherit
              underline="always"
              disabled={send.isPending}
              onClick={() => send.mutate()}
            >
              Have a link mailed to you
            </Anchor>{" "}
            with which to choose one.
          </Text>
        </Stack>
      </form>
    </Panel>
  );
}
