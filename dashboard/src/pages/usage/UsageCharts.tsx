import { SegmentedControl, SimpleGrid } from "@mantine/core";
import { useState } from "react";
import type { UsageStats } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { axisUsd } from "@/kit/money";
import { formatCompact } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { ranks } from "./ranks";
import { dayRows, isByWeek, METRICS, type Metric } from "./series";
import { UseTiles } from "./UseTiles";

interface Props {
  stats: UsageStats;
  keyName: (id: string) => string;
}

/** The figures of a span, and where they come from: by day, model and key. */
export function UsageCharts({ stats, keyName }: Props) {
  const [metric, setMetric] = useState<Metric>("cost");
  const name = METRICS.find(({ value }) => value === metric)?.label ?? "";
  const byWeek = isByWeek(stats.by_day);
  const { totals } = stats;
  return (
    <>
      <UseTiles stats={stats} />
      <Panel
        title={`${name} by ${byWeek ? "week" : "day"}`}
        lead={`${byWeek ? "Each bar is a week from the day named. " : ""}Days are in ${stats.time_zone}.`}
        actions={
          <SegmentedControl
            aria-label="What the charts show"
            size="xs"
            value={metric}
            onChange={(chosen) => setMetric(chosen as Metric)}
            data={METRICS}
          />
        }
      >
        <Chart
          kind="bars"
          title={`${name} by ${byWeek ? "week" : "day"}`}
          rowTitle={byWeek ? "Week from" : "Day"}
          rows={totals.requests === 0 ? [] : dayRows(stats.by_day, metric, name)}
          series={[{ name, color: "fare.6" }]}
          formatAxis={metric === "cost" ? axisUsd : formatCompact}
          empty="No requests in this time."
        />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Panel title={`${name} by model`}>
          <Ranking title={`${name} by model`} rows={ranks(stats.by_model, metric)} />
        </Panel>
        <Panel title={`${name} by key`}>
          <Ranking title={`${name} by key`} rows={ranks(stats.by_key, metric, keyName)} />
        </Panel>
      </SimpleGrid>
    </>
  );
}
