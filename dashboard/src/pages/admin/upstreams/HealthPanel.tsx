import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { CircleCheckIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { Empty } from "@/kit/Empty";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { asPages } from "../parts/asPages";
import { Faint } from "../parts/Faint";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";

type State = Schema<"HealthState">;

/** How an upstream and its models stand, why, and how that went. */
export function HealthPanel({ id }: { id: string }) {
  const health = useQuery({
    queryKey: [ADMIN, "upstream-health", id],
    queryFn: () => unwrap(api().GET("/api/admin/upstreams/{id}/health", { params: { path: { id } } })),
    refetchInterval: 30_000,
  });
  const down = health.data?.now.filter(({ state }) => state === "down") ?? [];
  return (
    <>
      {down.length > 0 && (
        <Panel title={t`Left alone now`} flush>
          <PagedTable
            label={t`What is left alone now`}
            query={asPages(health, down)}
            rowKey={({ model }) => model ?? ""}
            columns={[
              { title: t`What`, show: What },
              { title: t`Why`, show: Why },
              {
                title: t`Since`,
                align: "right",
                place: "price",
                show: ({ since }) => <When at={since} relative />,
              },
              {
                title: t`Tried again`,
                align: "right",
                show: ({ until }) => until !== null && <When at={until} relative />,
              },
            ]}
            empty={null}
          />
        </Panel>
      )}
      <Panel title={t`Health over time`} lead={t`Each change of the last 30 days.`} flush>
        <PagedTable
          label={t`Changes of its health`}
          query={asPages(health, health.data?.changes ?? [])}
          rowKey={({ model, since }) => `${model} ${since}`}
          columns={[
            { title: t`When`, show: ({ since }) => <When at={since} /> },
            { title: t`What`, place: "name", show: What },
            {
              title: t`Health`,
              show: ({ state }) =>
                state === "up" ? (
                  <Status tone="good">{t`Up`}</Status>
                ) : (
                  <Status tone="bad">{t`Left alone`}</Status>
                ),
            },
            { title: t`Why`, show: Why },
            { title: t`Found by`, show: ({ found_by }) => <Faint>{found_by}</Faint> },
          ]}
          empty={
            <Empty icon={CircleCheckIcon} title={t`Nothing happened`}>
              {t`It was never left alone in this time.`}
            </Empty>
          }
        />
      </Panel>
    </>
  );
}

function What({ model }: State) {
  return model ?? t`The whole server`;
}

function Why({ why }: State) {
  return why === null ? <Faint>{t`Answers again`}</Faint> : why;
}
