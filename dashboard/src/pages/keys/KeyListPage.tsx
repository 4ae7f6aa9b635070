import { plural, t } from "@lingui/core/macro";
import { Anchor, Button, Code, Group, Stack, Text } from "@mantine/core";
import { KeyRoundIcon, PlusIcon } from "lucide-react";
import { Link } from "react-router";
import { type Key, useKeys } from "@/data/keys";
import { useMay, useOrganisation } from "@/data/organisations";
import { Budget } from "@/kit/Budget";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";
import { BelongsTo } from "./Belonging";
import { CreateKey } from "./CreateKey";
import { KeyState } from "./KeyState";

/** All keys, revoked ones too; and over it, the dialog that makes one. */
export function KeyListPage({ isCreating = false }: { isCreating?: boolean }) {
  const keys = useKeys();
  const here = useOrganisation();
  const isShared =
    here?.is_personal === false || keys.data?.pages.some((page) => page.data.some(isOfSomething)) === true;
  const create = useMay()("keys.change") && (
    <Button component={Link} to="/keys/new" leftSection={<PlusIcon size={17} aria-hidden />}>
      {t`Create key`}
    </Button>
  );
  return (
    <Page
      title={t`Keys`}
      lead={
        here?.is_personal === false
          ? t`A key lets a program spend from the balance of ${{ here: here.name }}. Give each program its own, with limits that fit it.`
          : t`A key lets a program spend from your balance. Give each program its own, with limits that fit it.`
      }
      actions={create}
    >
      <Panel title={isShared ? t`Keys` : t`Your keys`} flush>
        <PagedTable
          label={t`Keys`}
          query={keys}
          rowKey={(key) => key.id}
          columns={[
            { title: t`Name`, show: (key) => <Name apiKey={key} /> },
            { title: t`State`, show: (key) => <KeyState apiKey={key} /> },
            ...(isShared ? [{ title: t`Belongs to`, show: (key: Key) => <BelongsTo apiKey={key} /> }] : []),
            { title: t`May use`, show: showModels },
            { title: t`Last used`, show: (key) => <LastUsed at={key.last_used_at} /> },
            {
              title: t`Spent this month`,
              align: "right",
              place: "figure",
              show: (key) => <Spent apiKey={key} />,
            },
          ]}
          empty={
            <Empty icon={KeyRoundIcon} title={t`There is no key yet`} action={create}>
              {t`Create one, copy it into your program, and send the first request: the snippet is ready made.`}
            </Empty>
          }
        />
      </Panel>
      <CreateKey opened={isCreating} />
    </Page>
  );
}

/** Whether it says more to tell whose a key is: some are a member's, a service account's or a project's. */
function isOfSomething({ member, service_account, project }: Key): boolean {
  return member !== null || service_account !== null || project !== null;
}

function Name({ apiKey }: { apiKey: Key }) {
  return (
    <Stack gap={2} align="flex-start">
      <Anchor component={Link} to={`/keys/${apiKey.id}`} fw={550}>
        <Unspaced text={apiKey.name} />
      </Anchor>
      <Code fz="xs" style={{ whiteSpace: "nowrap" }}>
        {beginningOf(apiKey)}…
      </Code>
    </Stack>
  );
}

/** As far as its id goes, which tells it from others: no phone has room for more. */
function beginningOf({ id, prefix }: Key): string {
  const end = prefix.indexOf(id);
  return end < 0 ? prefix : prefix.slice(0, end + id.length);
}

function showModels({ models }: Key) {
  if (models === null) return t`All models`;
  const [first] = models;
  return models.length === 1
    ? first
    : plural({ count: models.length }, { one: "# model", other: "# models" });
}

function LastUsed({ at }: { at: string | null }) {
  return at === null ? (
    <Text span inherit c="dimmed">
      {t`Never`}
    </Text>
  ) : (
    <When at={at} relative />
  );
}

function Spent({ apiKey }: { apiKey: Key }) {
  if (apiKey.budget.limit_usd === null) return <Money usd={apiKey.budget.spent_usd} />;
  return (
    <Group justify="flex-end">
      <Budget budget={apiKey.budget} name={apiKey.name} />
    </Group>
  );
}
