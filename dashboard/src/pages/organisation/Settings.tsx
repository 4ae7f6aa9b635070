import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { type Organisation, useMay, useRefreshOrganisations } from "@/data/organisations";
import { ROLE_NAMES, ROLE_WORDS } from "@/data/roles";
import { useRefreshWallet, useWallet } from "@/data/wallet";
import { CopyButton } from "@/kit/CopyButton";
import { Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { When } from "@/kit/When";
import { timeZones } from "@/kit/zones";
import { Ending } from "./Ending";
import { useLeave } from "./useLeave";

/** What an organisation is called, and how one gets out of it. */
export function Settings({ here }: { here: Organisation }) {
  const may = useMay();
  const wallet = useWallet();
  const leave = useLeave();
  return (
    <>
      <Panel title={t`The organisation`}>
        <Facts
          facts={[
            [t`Your role`, `${ROLE_NAMES[here.role]}: ${ROLE_WORDS[here.role]}`],
            [
              t`Id`,
              <Group key="id" gap={4} justify="flex-end" wrap="nowrap">
                {here.id}
                <CopyButton value={here.id} what={t`id`} />
              </Group>,
            ],
            [t`Made`, <When key="made" at={here.created_at} />],
          ]}
        />
        <Text size="sm" c="dimmed" mt="sm">
          {t`Programs name the id in the header x-farebox-org to work on it with a session's token. A key needs no header: it belongs to one organisation.`}
        </Text>
      </Panel>
      {here.is_personal ? (
        <Panel title={t`Name and time zone`} lead={t`Your own organisation is called as you are.`}>
          <Button component={Link} to="/account" variant="default" mt="xs">
            {t`Go to your account`}
          </Button>
        </Panel>
      ) : (
        may("org.change") && (
          <Panel title={t`Name and time zone`}>
            <Loaded query={wallet}>{({ time_zone }) => <Profile here={here} zone={time_zone} />}</Loaded>
          </Panel>
        )
      )}
      {!here.is_personal && (
        <Panel
          title={t`Leave`}
          lead={t`Your keys here stop within seconds, for good. The last owner cannot leave.`}
        >
          <Button variant="light" color="red" mt="xs" onClick={() => void leave()}>
            <Trans>Leave {ph({ here: here.name })}</Trans>
          </Button>
        </Panel>
      )}
      {!here.is_personal && may("org.close") && <Ending here={here} />}
    </>
  );
}

function Profile({ here, zone }: { here: Organisation; zone: string }) {
  const refresh = useRefreshOrganisations();
  const refreshWallet = useRefreshWallet();
  const form = useForm({
    initialValues: { name: here.name, time_zone: zone },
    validate: { name: (name) => (name.trim() === "" ? t`Write what it is called.` : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const body = { ...values, name: values.name.trim() } satisfies Schema<"OrganisationChange">;
    await unwrap(api().PATCH("/api/orgs/{org}", { params: { path: { org: here.id } }, body }));
    await Promise.all([refresh(), refreshWallet()]);
    form.resetDirty();
    notifyDone(t`Saved.`);
  });
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack maw={420}>
        <TextInput label={t`Name`} maxLength={100} {...form.getInputProps("name")} />
        <Select
          label={t`Time zone`}
          description={t`Days, weeks and months of its budgets begin at midnight there.`}
          searchable
          allowDeselect={false}
          limit={100}
          data={timeZones(zone)}
          {...form.getInputProps("time_zone")}
        />
        {problem !== null && (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {problem}
          </Text>
        )}
        <Button
          type="submit"
          loading={isSending}
          disabled={!form.isDirty()}
          style={{ alignSelf: "flex-start" }}
        >
          {t`Save changes`}
        </Button>
      </Stack>
    </form>
  );
}
