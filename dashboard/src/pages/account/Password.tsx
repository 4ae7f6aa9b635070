import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Checkbox, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { api, openApi, unwrap } from "@/api/client";
import type { Me } from "@/data/me";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import { useSubmit } from "@/kit/useSubmit";
import { isPassword } from "@/pages/sign-in/rules";
import { session } from "@/session/session";

/** Another password in the place of the present one; for who has none, a first one, by mail. */
export function Password({ person }: { person: Me }) {
  const { email } = person;
  const send = useOnce({
    mutationFn: () => unwrap(openApi().POST("/api/auth/password-reset", { body: { email } })),
    onSuccess: () => notifyDone(t`A mail to ${email} is on its way. Its link works for one hour.`),
    onError: (error) => notifyProblem(error, t`The mail was not sent`),
  });
  if (person.has_password) return <ChangePassword send={send.mutate} isSending={send.isPending} />;
  return (
    <Panel
      title={t`Password`}
      lead={t`You have none: a linked account signs you in. With one you can sign in without it, too.`}
    >
      <Button
        variant="default"
        mt="xs"
        loading={send.isPending}
        onClick={() => send.mutate()}
        style={{ alignSelf: "flex-start" }}
      >
        {t`Have a link mailed to choose one`}
      </Button>
    </Panel>
  );
}

function ChangePassword({ send, isSending: isMailing }: { send: () => void; isSending: boolean }) {
  const queries = useQueryClient();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { current_password: "", password: "", revoke_keys: false },
    validate: {
      current_password: (text) => (text === "" ? t`Write your present password.` : null),
      password: isPassword,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (body: typeof form.values) => {
    session.start(await unwrap(api().POST("/api/auth/password", { body }))); // all former sessions have ended
    form.reset();
    await queries.invalidateQueries();
    notifyDone(t`Your password is changed. Every other session has ended.`);
  });
  return (
    <Panel title={t`Password`} lead={t`A new one signs you out everywhere else.`}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack maw={420} mt="xs">
          <PasswordInput
            label={t`Present password`}
            autoComplete="current-password"
            key={form.key("current_password")}
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label={t`New password`}
            autoComplete="new-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          <Checkbox
            label={t`Revoke my API keys and end all other access as well`}
            description={t`If somebody else may have known the old one: they may have made keys, invited members or set a webhook.`}
            key={form.key("revoke_keys")}
            {...form.getInputProps("revoke_keys", { type: "checkbox" })}
          />
          {problem !== null && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {problem}
            </Text>
          )}
          <Button type="submit" loading={isSending} style={{ alignSelf: "flex-start" }}>
            {t`Change password`}
          </Button>
          <Text size="sm" c="dimmed">
            <Trans>
              Forgot it?{" "}
              <Anchor
                component="button"
                type="button"
                inherit
                underline="always"
                disabled={isMailing}
                onClick={() => send()}
              >
                Have a link mailed to you
              </Anchor>{" "}
              with which to choose one.
            </Trans>
          </Text>
        </Stack>
      </form>
    </Panel>
  );
}
