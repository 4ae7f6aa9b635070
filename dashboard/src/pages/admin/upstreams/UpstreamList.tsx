import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { PlusIcon, RefreshCwIcon, ServerIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { formatRelative } from "@/kit/dates";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatDuration } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import { useRunJob } from "../jobs/jobs";
import { asPages } from "../parts/asPages";
import { NameLink, pageBelow } from "../parts/NameLink";
import { EnabledSwitch } from "./EnabledSwitch";
import { HealthBadge } from "./HealthBadge";
import { CHECK, healthOf, useSeen } from "./health";
import { UpstreamForm } from "./UpstreamForm";
import { type Upstream, useUpstreams } from "./upstreams";

/** The servers that answer requests. */
export function UpstreamList() {
  const upstreams = useUpstreams();
  const { seen, at } = useSeen();
  const run = useRunJob();
  const [isAdding, add] = useDisclosure(false);
  const look = useOnce({
    mutationFn: () => run.mutateAsync(CHECK),
    onSuccess: () => notifyDone(t`Every upstream was looked at.`),
    onError: (error) => notifyProblem(error, t`The upstreams were not looked at`),
  });
  const health = (upstream: Upstream) => healthOf(upstream, seen.get(upstream.id));
  const read = (format: Format) =>
    unwrap(api().GET("/api/admin/upstreams/export", { params: { query: { format } }, parseAs: "blob" }));
  return (
    <Page
      title={t`Upstreams`}
      lead={t`The servers that answer requests. A model goes to those that serve it, lower priority first, by weight among equals.`}
      actions={
        <>
          <ExportMenu name="upstreams" read={read} />
          <Button leftSection={<PlusIcon size={18} aria-hidden />} onClick={add.open}>
            {t`Add upstream`}
          </Button>
        </>
      }
    >
      <Panel
        title={t`Servers`}
        lead={at === null ? t`Not looked at yet.` : t`Looked at ${{ when: formatRelative(at) }}.`}
        flush
        actions={
          <Button
            variant="default"
            size="xs"
            leftSection={<RefreshCwIcon size={16} aria-hidden />}
            loading={look.isPending}
            onClick={() => look.mutate()}
          >
            {t`Look now`}
          </Button>
        }
      >
        <PagedTable
          label={t`Upstreams`}
          query={asPages(upstreams, upstreams.data ?? [])}
          rowKey={(upstream) => upstream.id}
          columns={[
            {
              title: t`Upstream`,
              show: (upstream) => (
                <NameLink to={pageBelow("/admin/upstreams", upstream.id)} note={upstream.base_url}>
                  {upstream.id}
                </NameLink>
              ),
            },
            { title: t`Health`, show: (upstream) => <HealthBadge health={health(upstream)} /> },
            {
              title: t`Latency`,
              align: "right",
              show: (upstream) => {
                const { latencyMs } = health(upstream);
                return latencyMs === null ? null : formatDuration(latencyMs);
              },
            },
            { title: t`Models`, align: "right", show: (upstream) => Object.keys(upstream.models).length },
            { title: t`Priority`, align: "right", show: (upstream) => upstream.priority ?? 0 },
            { title: t`Weight`, align: "right", show: (upstream) => upstream.weight ?? 1 },
            {
              title: t`In use`,
              place: "action",
              show: (upstream) => <EnabledSwitch upstream={upstream} />,
            },
          ]}
          empty={
            <Empty title={t`No upstreams`} icon={ServerIcon}>
              {t`Nothing can be answered without one. Add any server that speaks OpenAI's protocol, or echo: to try things out.`}
            </Empty>
          }
        />
      </Panel>
      <UpstreamForm opened={isAdding} onClose={add.close} />
    </Page>
  );
}
