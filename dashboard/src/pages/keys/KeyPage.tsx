import { t } from "@lingui/core/macro";
import { Anchor, Button, Code, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { BanIcon, ChartColumnIcon, RefreshCwIcon } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import { type Key, useRefreshKeys } from "@/data/keys";
import { useSuggestedModel } from "@/data/models";
import { useMay } from "@/data/organisations";
import { Budget } from "@/kit/Budget";
import { confirm } from "@/kit/confirm";
import { type Fact, Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Snippets } from "@/kit/snippets/Snippets";
import { useOnce } from "@/kit/useOnce";
import { When } from "@/kit/When";
import { BelongsTo } from "./Belonging";
import { ChangeTerms } from "./ChangeTerms";
import { KeyState } from "./KeyState";
import { RotateKey } from "./RotateKey";

/** One key: what it may do, what it did, and its end. */
export function KeyPage() {
  const { id = "" } = useParams();
  const key = useQuery({
    queryKey: ["keys", id],
    queryFn: () => unwrap(api().GET("/api/keys/{id}", { params: { path: { id } } })),
  });
  const suggested = useSuggestedModel(key.data?.models ?? null);
  return (
    <Page
      back={{ to: "/keys", list: t`Keys` }}
      title={key.data?.name ?? t`Key`}
      actions={key.data !== undefined && <Actions apiKey={key.data} />}
    >
      <Loaded query={key}>
        {(found) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
            <ChangeTerms apiKey={found} key={found.id} />
            <Stack gap="lg">
              <About apiKey={found} />
              {found.state === "live" && (
                <Panel title={t`Use it`} lead={t`With your key in place of its beginning.`}>
                  <Snippets secret={`${found.prefix}…`} {...suggested} />
                </Panel>
              )}
            </Stack>
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ apiKey }: { apiKey: Key }) {
  const [isRotating, setRotating] = useState(false);
  const may = useMay();
  const refreshKeys = useRefreshKeys();
  const revoke = useOnce({
    mutationFn: () => unwrap(api().DELETE("/api/keys/{id}", { params: { path: { id: apiKey.id } } })),
    onSuccess: async () => {
      await refreshKeys();
      notifyDone(t`"${{ apiKey: apiKey.name }}" is revoked.`);
    },
    onError: (error) => notifyProblem(error, t`The key was not revoked`),
  });
  const askToRevoke = async () => {
    const isSure = await confirm({
      title: t`Revoke "${{ apiKey: apiKey.name }}"?`,
      children: t`Programs that use it are refused within seconds. This cannot be undone; its usage stays listed.`,
      action: t`Revoke key`,
      danger: true,
    });
    if (isSure) revoke.mutate();
  };
  return (
    <>
      <Button
        component={Link}
        to={`/usage?key=${encodeURIComponent(apiKey.id)}`}
        variant="default"
        leftSection={<ChartColumnIcon size={16} aria-hidden />}
      >
        {t`Its usage`}
      </Button>
      {apiKey.state === "live" && may("keys.change") && (
        <>
          <Button
            variant="default"
            leftSection={<RefreshCwIcon size={16} aria-hidden />}
            onClick={() => setRotating(true)}
          >
            {t`Rotate`}
          </Button>
          <Button
            variant="light"
            color="red"
            leftSection={<BanIcon size={16} aria-hidden />}
            loading={revoke.isPending}
            onClick={() => void askToRevoke()}
          >
            {t`Revoke`}
          </Button>
        </>
      )}
      <RotateKey apiKey={apiKey} opened={isRotating} onClose={() => setRotating(false)} />
    </>
  );
}

function About({ apiKey }: { apiKey: Key }) {
  const grace = apiKey.previous_expires_at;
  const isInGrace = grace !== null && Date.parse(grace) > Date.now() && apiKey.state === "live";
  return (
    <Panel title={t`The key and its limits`}>
      <Facts
        facts={[
          [t`State`, <KeyState key="state" apiKey={apiKey} />],
          [t`Begins with`, <Code key="prefix">{apiKey.prefix}</Code>],
          [t`Belongs to`, <BelongsTo key="belongs" apiKey={apiKey} />],
          ...(apiKey.made_by === null
            ? []
            : [[t`Made by the key`, <Maker key="maker" id={apiKey.made_by} />] satisfies Fact]),
          [t`Spent this month`, <Budget key="budget" budget={apiKey.budget} name={apiKey.name} />],
          ...spans(apiKey),
          [
            t`Last used`,
            apiKey.last_used_at === null ? t`Never` : <When key="used" at={apiKey.last_used_at} relative />,
          ],
          [t`Created`, <When key="created" at={apiKey.created_at} />],
          [t`Expires`, apiKey.expires_at === null ? t`Never` : <When key="expires" at={apiKey.expires_at} />],
          ...(isInGrace
            ? [[t`Its former secret works until`, <When key="grace" at={grace} />] satisfies Fact]
            : []),
          ...(apiKey.revoked_at === null
            ? []
            : [[t`Revoked`, <When key="revoked" at={apiKey.revoked_at} />] satisfies Fact]),
        ]}
      />
    </Panel>
  );
}

/** What is spent of budgets other than the month's, of those that are set. */
function spans({ budgets, name }: Key): Fact[] {
  if (budgets === null) return [];
  const { daily, weekly, total } = budgets;
  const all = [
    { label: t`Spent today`, budget: daily },
    { label: t`Spent this week`, budget: weekly },
    { label: t`Spent in all`, budget: total },
  ];
  return all
    .filter(({ budget }) => budget.limit_usd !== null)
    .map(({ label, budget }) => [label, <Budget key={label} budget={budget} name={name} />]);
}

function Maker({ id }: { id: string }) {
  return (
    <Anchor component={Link} to={`/keys/${id}`} inherit>
      {id}
    </Anchor>
  );
}
