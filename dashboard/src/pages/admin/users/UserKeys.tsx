import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Code, Stack, Text } from "@mantine/core";
import { KeyRoundIcon } from "lucide-react";
import type { Key } from "@/data/keys";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { Status } from "../parts/Status";
import { showLimits } from "../parts/terms";
import { FEW, useUserKeys } from "./users";

/** A user's API keys. Nobody is told their secrets. */
export function UserKeys({ id }: { id: string }) {
  const keys = useUserKeys(id);
  return (
    <Panel title={t`API keys`} flush>
      <PagedTable
        label={t`API keys of this user`}
        query={keys}
        atFirst={FEW}
        rowKey={(key) => key.id}
        columns={[
          { title: t`Key`, show: (key) => <Name apiKey={key} /> },
          { title: t`State`, show: (key) => <State apiKey={key} /> },
          { title: t`Limits`, show: (key) => showLimits(key) },
          {
            title: t`Spent this month`,
            align: "right",
            place: "figure",
            show: (key) => (
              <>
                <Money usd={key.budget.spent_usd} />
                {key.monthly_budget_usd !== null && (
                  <Text component="span" c="dimmed">
                    {" "}
                    <Trans>
                      of <Money usd={key.monthly_budget_usd} exact />
                    </Trans>
                  </Text>
                )}
              </>
            ),
          },
          {
            title: t`Last used`,
            align: "right",
            show: (key) =>
              key.last_used_at === null ? <Faint>{t`Never`}</Faint> : <When at={key.last_used_at} relative />,
          },
        ]}
        empty={
          <Empty title={t`No API keys`} icon={KeyRoundIcon}>
            {t`This user has not made one yet.`}
          </Empty>
        }
      />
    </Panel>
  );
}

function Name({ apiKey }: { apiKey: Key }) {
  return (
    <Stack gap={2} align="flex-start">
      <Text fw={550}>{apiKey.name}</Text>
      <Code>{apiKey.prefix}…</Code>
    </Stack>
  );
}

function State({ apiKey }: { apiKey: Key }) {
  if (apiKey.state === "revoked") return <Status tone="idle">{t`Revoked`}</Status>;
  const isOver = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= Date.now();
  return isOver ? <Status tone="idle">{t`Expired`}</Status> : <Status tone="good">{t`Active`}</Status>;
}
