import { t } from "@lingui/core/macro";
import { Button, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type Me, useChangeMe } from "@/data/me";
import { useRefreshOrganisations } from "@/data/organisations";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { timeZones } from "@/kit/zones";

/** What one is called, and the time zone that one is in. */
export function Profile({ person }: { person: Me }) {
  const change = useChangeMe();
  const refreshOrganisations = useRefreshOrganisations(); // one's own is called as one is
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { full_name: person.full_name ?? "", time_zone: person.time_zone },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    await change.mutateAsync({ ...values, full_name: values.full_name.trim() || null });
    await refreshOrganisations();
    notifyDone(t`Your profile is saved.`);
  });
  return (
    <Panel title={t`Profile`}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack maw={420}>
          <TextInput
            label={t`Name`}
            autoComplete="name"
            maxLength={100}
            key={form.key("full_name")}
            {...form.getInputProps("full_name")}
          />
          <Select
            label={t`Time zone`}
            description={t`Dates are shown in it, and budgets are its calendar months.`}
            searchable
            allowDeselect={false}
            limit={100}
            data={timeZones(person.time_zone)}
            key={form.key("time_zone")}
            {...form.getInputProps("time_zone")}
          />
          {problem !== null && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {problem}
            </Text>
          )}
          <Button type="submit" loading={isSending} style={{ alignSelf: "flex-start" }}>
            {t`Save`}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
