import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { compareUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { asPages } from "../parts/asPages";
import { NameLink, pageBelow } from "../parts/NameLink";
import type { SystemFigures } from "./useSystemStats";

const loaded = { data: true, error: null, refetch: () => undefined };

/** Models, those that brought most first. */
export function ByModel({ models }: { models: SystemFigures[] }) {
  const ranked = [...models].sort((a, b) => compareUsd(b.cost_usd, a.cost_usd));
  return (
    <Panel title={t`Models`} flush>
      <PagedTable
        label={t`Figures by model`}
        query={asPages(loaded, ranked)}
        rowKey={(model) => model.name}
        columns={[
          {
            title: t`Model`,
            show: ({ name }) => <NameLink to={pageBelow("/admin/pricing", name)}>{name}</NameLink>,
          },
          { title: t`Requests`, align: "right", show: (model) => formatCount(model.requests) },
          {
            title: t`Tokens`,
            align: "right",
            show: (model) => formatCompact(model.prompt_tokens + model.completion_tokens),
          },
          {
            title: t`Revenue`,
            align: "right",
            place: "price",
            show: (model) => <Money usd={model.cost_usd} />,
          },
          {
            title: t`Upstream cost`,
            align: "right",
            show: (model) => <Money usd={model.upstream_cost_usd} />,
          },
          { title: t`Margin`, align: "right", show: (model) => <Money usd={model.margin_usd} /> },
          { title: t`Failed`, align: "right", show: (model) => formatShare(model.error_rate) },
          { title: t`95 of 100 within`, align: "right", show: (model) => <Wait ms={model.latency_p95_ms} /> },
        ]}
        empty={<Empty title={t`No models`} />}
      />
    </Panel>
  );
}

function Wait({ ms }: { ms: number | null }) {
  return ms === null ? null : formatDuration(ms);
}

/** Upstreams, and what each was asked. */
export function ByUpstream({ upstreams }: { upstreams: Schema<"UpstreamFigures">[] }) {
  const ranked = [...upstreams].sort((a, b) => b.requests - a.requests);
  return (
    <Panel title={t`Upstreams`} flush>
      <PagedTable
        label={t`Figures by upstream`}
        query={asPages(loaded, ranked)}
        rowKey={(upstream) => upstream.name}
        columns={[
          {
            title: t`Upstream`,
            show: ({ name }) => <NameLink to={pageBelow("/admin/upstreams", name)}>{name}</NameLink>,
          },
          { title: t`Requests`, align: "right", show: (upstream) => formatCount(upstream.requests) },
          {
            title: t`Failed`,
            align: "right",
            show: ({ requests, errors }) => formatShare(requests === 0 ? 0 : errors / requests),
          },
          {
            title: t`Its cost`,
            align: "right",
            place: "price",
            show: (upstream) => <Money usd={upstream.upstream_cost_usd} />,
          },
          {
            title: t`Of that, lost`,
            align: "right",
            show: (upstream) => <Money usd={upstream.shortfall_usd} />,
          },
        ]}
        empty={
          <Empty
            title={t`No upstream was asked`}
          >{t`Requests that were refused before count above alone.`}</Empty>
        }
      />
    </Panel>
  );
}
