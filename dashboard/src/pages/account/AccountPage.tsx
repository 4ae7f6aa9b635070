import { Badge, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { api, openApi, unwrap } from "@/api/client";
import { browserZone, type Me, useChangeMe, useMe } from "@/data/me";
import { Loaded } from "@/kit/Loaded";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { session } from "@/session/session";

export default function AccountPage() {
  const me = useMe();
  return (
    <Page
      title="Account"
      actions={
        <Button variant="default" onClick={() => void session.signOut()}>
          Sign out
        </Button>
      }
    >
      <Loaded query={me}>
        {(person) => (
          <>
            <Address person={person} />
            <Profile person={person} />
            <Password email={person.email} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Address({ person }: { person: Me }) {
  const send = useMutation({
    mutationFn: () => unwrap(api().POST("/api/auth/verify-email")),
    onSuccess: ({ message }) => notifyDone(message),
    onError: (error) => notifyProblem(error, "The mail was not sent"),
  });
  return (
    <Panel title="E-mail address">
      <Group justify="space-between">
        <Group gap="sm">
          <Text>{person.email}</Text>
          {person.email_verified ? (
            <Badge variant="light">Confirmed</Badge>
          ) : (
            <Badge variant="light" color="orange">
              Not confirmed
            </Badge>
          )}
        </Group>
        {!person.email_verified && (
          <Button variant="light" onClick={() => send.mutate()} loading={send.isPending}>
            Send the confirmation mail
          </Button>
        )}
      </Group>
    </Panel>
  );
}

function Profile({ person }: { person: Me }) {
  const change = useChangeMe();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { full_name: person.full_name ?? "", time_zone: person.time_zone },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    await change.mutateAsync({ ...values, full_name: values.full_name.trim() || null });
    notifyDone("Your profile is saved.");
  });
  return (
    <Panel title="Profile">
      <form onSubmit={form.onSubmit(submit)}>
        <Stack maw={420}>
          <TextInput
            label="Name"
            autoComplete="name"
            maxLength={100}
            key={form.key("full_name")}
            {...form.getInputProps("full_name")}
          />
          <Select
            label="Time zone"
            description="Dates are shown in it, and budgets are its calendar months."
            searchable
            allowDeselect={false}
            limit={100}
            data={zones(person.time_zone)}
            key={form.key("time_zone")}
            {...form.getInputProps("time_zone")}
          />
          {problem !== null && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {problem}
            </Text>
          )}
          <Button type="submit" loading={isSending} style={{ alignSelf: "flex-start" }}>
            Save
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}

/** The link in the mail proves who asks, so it changes a password that was forgotten, too. */
function Password({ email }: { email: string }) {
  const send = useMutation({
    mutationFn: () => unwrap(openApi().POST("/api/auth/password-reset", { body: { email } })),
    onSuccess: () => notifyDone(`A mail to ${email} is on its way. Its link works for one hour.`),
    onError: (error) => notifyProblem(error, "The mail was not sent"),
  });
  return (
    <Panel
      title="Password and sessions"
      lead="Choosing a new password signs you out everywhere: on every device, and in every browser."
    >
      <Button variant="default" mt="xs" onClick={() => send.mutate()} loading={send.isPending}>
        Send a link to change my password
      </Button>
    </Panel>
  );
}

/** The zones that the browser knows, with the person's own and the browser's first. */
function zones(own: string): string[] {
  return [...new Set([own, browserZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])];
}
