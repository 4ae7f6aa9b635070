import { t } from "@lingui/core/macro";
import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { PencilIcon, Trash2Icon } from "lucide-react";
import { useNavigate, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import { confirm } from "@/kit/confirm";
import { Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { Money } from "@/kit/Money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatCompact, formatDuration, formatShare } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { When } from "@/kit/When";
import { ADMIN } from "../parts/useChange";
import { useSystemStats } from "../stats/useSystemStats";
import { EnabledSwitch } from "./EnabledSwitch";
import { HealthPanel } from "./HealthPanel";
import { healthOf, useSeen } from "./health";
import { ModelTable } from "./ModelTable";
import { restOf, sayKey, sayRest } from "./rest";
import { UpstreamForm } from "./UpstreamForm";
import { type Upstream, useDeleteUpstream } from "./upstreams";

const DAYS = 30;

/** One upstream: how it stands, what it was asked, what it serves, and its settings. */
export function UpstreamPage() {
  const { id = "" } = useParams();
  const upstream = useQuery({
    queryKey: [ADMIN, "upstream", id],
    queryFn: () => unwrap(api().GET("/api/admin/upstreams/{id}", { params: { path: { id } } })),
  });
  return (
    <Page
      back={{ to: "/admin/upstreams", list: t`Upstreams` }}
      title={id}
      lead={upstream.data?.base_url}
      actions={upstream.data && <Actions upstream={upstream.data} />}
    >
      <Loaded query={upstream}>{(found) => <Everything upstream={found} />}</Loaded>
    </Page>
  );
}

interface Props {
  upstream: Upstream;
}

function Actions({ upstream }: Props) {
  const go = useNavigate();
  const [isChanging, change] = useDisclosure(false);
  const remove = useDeleteUpstream();
  const forget = async () => {
    const agreed = await confirm({
      title: t`Delete ${{ upstream: upstream.id }}?`,
      children: t`It and its API key are forgotten, for good. To have no requests go there for a while, switch it off.`,
      action: t`Delete upstream`,
      danger: true,
    });
    if (!agreed) return;
    try {
      await remove.mutateAsync(upstream.id);
      notifyDone(t`${{ upstream: upstream.id }} is deleted.`);
      void go("/admin/upstreams");
    } catch (error) {
      notifyProblem(error, t`The upstream was not deleted`);
    }
  };
  return (
    <>
      <Group gap={8}>
        <EnabledSwitch upstream={upstream} />
        <Text size="sm">{t`In use`}</Text>
      </Group>
      <Button
        variant="default"
        leftSection={<Trash2Icon size={18} aria-hidden />}
        loading={remove.isPending}
        onClick={forget}
      >
        {t`Delete`}
      </Button>
      <Button leftSection={<PencilIcon size={18} aria-hidden />} onClick={change.open}>
        {t`Change`}
      </Button>
      <UpstreamForm upstream={upstream} opened={isChanging} onClose={change.close} />
    </>
  );
}

function Everything({ upstream }: Props) {
  const { seen, at } = useSeen();
  const health = healthOf(upstream, seen.get(upstream.id));
  const stats = useSystemStats(DAYS, "");
  const asked = stats.data?.by_upstream.find(({ name }) => name === upstream.id);
  return (
    <>
      <Tiles>
        <Tile
          label={t`Health`}
          value={health.word}
          note={health.detail ?? (at === null ? undefined : <When at={at} relative />)}
        />
        <Tile
          label={t`Latency of a look`}
          value={health.latencyMs === null ? t`None` : formatDuration(health.latencyMs)}
          note={t`without tokens`}
        />
        <Tile
          label={t`Requests in ${DAYS} days`}
          value={stats.data === undefined ? "…" : formatCompact(asked?.requests ?? 0)}
          note={
            asked && asked.requests > 0
              ? t`${{ share: formatShare(asked.errors / asked.requests) }} failed`
              : undefined
          }
        />
        <Tile
          label={t`Its cost in ${DAYS} days`}
          value={stats.data === undefined ? "…" : <Money usd={asked?.upstream_cost_usd ?? "0.00"} />}
          note={t`at list prices`}
        />
      </Tiles>
      <Panel title={t`Models`} flush>
        <ModelTable upstream={upstream} />
      </Panel>
      <HealthPanel id={upstream.id} />
      <Panel title={t`Settings`}>
        <Facts
          spread
          facts={[
            [t`API key`, sayKey(upstream)],
            [t`Priority`, t`${{ priority: upstream.priority ?? 0 }}, lower is tried first`],
            [t`Weight`, t`${{ weight: upstream.weight ?? 1 }} among equals`],
            [t`Longest wait to connect`, seconds(upstream.connect_timeout_s)],
            [t`Longest wait for an answer`, seconds(upstream.timeout_s)],
            [t`Longest silence`, seconds(upstream.idle_timeout_s)],
            [t`Field that caps an answer`, upstream.cap_field ?? t`The usual one`],
            ...sayRest(restOf(upstream)),
            [t`Added`, <When key="added" at={upstream.added_at} />],
          ]}
        />
      </Panel>
    </>
  );
}

function seconds(value: number | null | undefined): string {
  return value == null ? t`The default` : `${value} s`;
}
