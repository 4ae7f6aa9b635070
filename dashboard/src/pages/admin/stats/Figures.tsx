import { t } from "@lingui/core/macro";
import { NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { ActivityIcon } from "lucide-react";
import { useState } from "react";
import type { SpanDays } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { Tile, Tiles } from "@/kit/Tile";
import { chartByDay, MEASURES, type Measure, MOST_RANKED, ranksByModel } from "./charts";
import { ByModel, ByUpstream } from "./Tables";
import type { SystemStats } from "./useSystemStats";

interface Props {
  stats: SystemStats;
  days: SpanDays;
  tenant: string;
}

/** The figures of a span of days: at a glance, as charts, and as tables. */
export function Figures({ stats, days, tenant }: Props) {
  const [measure, setMeasure] = useState<Measure>("requests");
  const { totals } = stats;
  const choice = {
    "aria-label": t`What to draw`,
    value: measure,
    data: Object.entries(MEASURES).map(([value, label]) => ({ value, label })),
  };
  const choose = (value: string) => setMeasure(value as Measure);
  if (totals.requests === 0) {
    return (
      <Empty title={t`No requests in this time`} icon={ActivityIcon}>
        {tenant
          ? t`Nobody of the tenant ${tenant} sent one.`
          : t`As soon as somebody sends one, it counts here.`}
      </Empty>
    );
  }
  return (
    <>
      <Tiles>
        <Tile
          label={t`Requests`}
          value={formatCompact(totals.requests)}
          note={t`${{ aborted: formatCount(totals.aborted) }} hung up on`}
        />
        <Tile
          label={t`Tokens`}
          value={formatCompact(totals.prompt_tokens + totals.completion_tokens)}
          note={t`${{ completionTokens: formatCompact(totals.completion_tokens) }} out`}
        />
        <Tile label={t`Revenue`} value={<Money usd={totals.cost_usd} />} note={t`what wallets paid`} />
        <Tile
          label={t`Upstream cost`}
          value={<Money usd={totals.upstream_cost_usd} />}
          note={t`at list prices`}
        />
      </Tiles>
      <Tiles>
        <Tile label={t`Margin`} value={<Money usd={totals.margin_usd} />} note={t`the difference`} />
        <Tile
          label={t`Losses`}
          value={<Money usd={totals.shortfall_usd} />}
          note={t`${{ lost: formatCount(totals.lost) }} requests lost`}
        />
        <Tile
          label={t`Error rate`}
          value={formatShare(totals.error_rate)}
          note={t`${{ errors: formatCount(totals.errors) }} failed`}
        />
        <Tile
          label={t`Latency`}
          value={totals.latency_p50_ms === null ? t`None` : formatDuration(totals.latency_p50_ms)}
          note={
            totals.latency_p95_ms === null
              ? undefined
              : t`${{ duration: formatDuration(totals.latency_p95_ms) }} for 95 of 100`
          }
        />
      </Tiles>
      <Panel
        title={t`Day by day`}
        actions={
          <>
            <SegmentedControl visibleFrom="sm" size="xs" {...choice} onChange={choose} />
            <NativeSelect
              hiddenFrom="sm"
              size="xs"
              {...choice}
              onChange={(event) => choose(event.currentTarget.value)}
            />
          </>
        }
      >
        <Stack gap="xl">
          <Chart {...chartByDay(measure, stats.by_day, days)} />
          <div>
            <Text fw={600} mb="xs">
              {t`By model`}
            </Text>
            <Ranking
              title={t`${{ measure: MEASURES[measure] }} by model`}
              rows={ranksByModel(measure, stats.by_model)}
              limit={MOST_RANKED}
            />
          </div>
        </Stack>
      </Panel>
      <ByModel models={stats.by_model} />
      <ByUpstream upstreams={stats.by_upstream} />
    </>
  );
}
