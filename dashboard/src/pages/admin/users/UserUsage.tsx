import { t } from "@lingui/core/macro";
import { Group, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChartColumnIcon } from "lucide-react";
import { useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import type { SpanDays } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { formatDay } from "@/kit/dates";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { axisUsd, forChart, formatUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { SpanChoice } from "@/kit/SpanChoice";
import { Tile, Tiles } from "@/kit/Tile";
import { ADMIN } from "../parts/useChange";

/** What a user's requests came to. */
export function UserUsage({ id }: { id: string }) {
  const [days, setDays] = useState<SpanDays>(30);
  const stats = useQuery({
    queryKey: [ADMIN, "user-stats", id, days],
    queryFn: () =>
      unwrap(api().GET("/api/admin/users/{id}/stats", { params: { path: { id }, query: { days } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={t`Usage`} actions={<SpanChoice size="xs" value={days} onChange={setDays} />}>
      <Loaded query={stats} loading={<Loading as="chart" />}>
        {(found) => <Drawn stats={found} days={days} />}
      </Loaded>
    </Panel>
  );
}

function Drawn({ stats, days }: { stats: Schema<"StatsAnswer">; days: SpanDays }) {
  const { totals } = stats;
  if (totals.requests === 0) {
    return (
      <Empty title={t`No requests in this time`} icon={ChartColumnIcon}>
        {t`Each request with one of this user's keys counts here.`}
      </Empty>
    );
  }
  return (
    <Stack>
      <Tiles>
        <Tile
          label={t`Requests`}
          value={formatCompact(totals.requests)}
          note={t`${{ errors: formatCount(totals.errors) }} failed`}
        />
        <Tile
          label={t`Tokens`}
          value={formatCompact(totals.prompt_tokens + totals.completion_tokens)}
          note={t`${{ completionTokens: formatCompact(totals.completion_tokens) }} out`}
        />
        <Tile label={t`Spent`} value={formatUsd(totals.cost_usd)} />
        <Tile
          label={t`Latency`}
          value={totals.latency_p50_ms === null ? t`None` : formatDuration(totals.latency_p50_ms)}
          note={
            totals.latency_p95_ms === null
              ? undefined
              : t`${{ duration: formatDuration(totals.latency_p95_ms) }} at the 95th percentile`
          }
        />
      </Tiles>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Chart
          kind={days > 90 ? "area" : "bars"}
          title={t`Spent by day`}
          rowTitle={t`Day`}
          rows={stats.by_day.map((day) => ({
            key: day.name,
            label: formatDay(day.name),
            values: { Spent: forChart(day.cost_usd) },
            told: { Spent: formatUsd(day.cost_usd) },
          }))}
          series={[{ name: t`Spent` }]}
          formatAxis={axisUsd}
          height={200}
        />
      </Group>
    </Stack>
  );
}
