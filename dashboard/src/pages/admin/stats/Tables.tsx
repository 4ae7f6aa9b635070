import type { Schema } from "@/api/client";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { compareUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { asPages } from "../parts/asPages";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import type { SystemFigures } from "./useSystemStats";

const loaded = { data: true, error: null, refetch: () => undefined };

/** Models, those that brought most first. */
export function ByModel({ models }: { models: SystemFigures[] }) {
  const ranked = [...models].sort((a, b) => compareUsd(b.cost_usd, a.cost_usd));
  return (
    <Panel title="Models" flush>
      <PagedTable
        label="Figures by model"
        query={asPages(loaded, ranked)}
        rowKey={(model) => model.name}
        columns={[
          {
            title: "Model",
            show: ({ name }) => <NameLink to={pageBelow("/admin/pricing", name)}>{name}</NameLink>,
          },
          { title: "Requests", align: "right", show: (model) => formatCount(model.requests) },
          {
            title: "Tokens",
            align: "right",
            show: (model) => formatCompact(model.prompt_tokens + model.completion_tokens),
          },
          { title: "Revenue", align: "right", show: (model) => <Money usd={model.cost_usd} /> },
          {
            title: "Upstream cost",
            align: "right",
            show: (model) => <Money usd={model.upstream_cost_usd} />,
          },
          { title: "Margin", align: "right", show: (model) => <Money usd={model.margin_usd} /> },
          { title: "Failed", align: "right", show: (model) => formatShare(model.error_rate) },
          { title: "95 of 100 within", align: "right", show: (model) => <Wait ms={model.latency_p95_ms} /> },
        ]}
        empty={<Empty title="No models" />}
      />
    </Panel>
  );
}

function Wait({ ms }: { ms: number | null }) {
  return ms === null ? <Faint>None</Faint> : formatDuration(ms);
}

/** Upstreams, and what each was asked. */
export function ByUpstream({ upstreams }: { upstreams: Schema<"UpstreamFigures">[] }) {
  const ranked = [...upstreams].sort((a, b) => b.requests - a.requests);
  return (
    <Panel title="Upstreams" flush>
      <PagedTable
        label="Figures by upstream"
        query={asPages(loaded, ranked)}
        rowKey={(upstream) => upstream.name}
        columns={[
          {
            title: "Upstream",
            show: ({ name }) => <NameLink to={pageBelow("/admin/upstreams", name)}>{name}</NameLink>,
          },
          { title: "Requests", align: "right", show: (upstream) => formatCount(upstream.requests) },
          {
            title: "Failed",
            align: "right",
            show: ({ requests, errors }) => formatShare(requests === 0 ? 0 : errors / requests),
          },
          {
            title: "Its cost",
            align: "right",
            show: (upstream) => <Money usd={upstream.upstream_cost_usd} />,
          },
          {
            title: "Of that, lost",
            align: "right",
            show: (upstream) => <Money usd={upstream.shortfall_usd} />,
          },
        ]}
        empty={
          <Empty title="No upstream was asked">Requests that were refused before count above alone.</Empty>
        }
      />
    </Panel>
  );
}
