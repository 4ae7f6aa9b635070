import { t } from "@lingui/core/macro";
import { Group, SegmentedControl, Select, SimpleGrid } from "@mantine/core";
import { useState } from "react";
import { nameIn, useNames } from "@/data/groups";
import type { UsageStats } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { axisUsd } from "@/kit/money";
import { formatCompact } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { SPLITS, type Split, stacksOf } from "./figures/stacks";
import { ranks } from "./ranks";
import { dayRows, isByWeek, METRICS, type Metric, spanOf } from "./series";
import { UseTiles } from "./UseTiles";
import type { View } from "./view";

interface Props {
  stats: UsageStats;
  /** The span before, of as many days. */
  before: UsageStats | undefined;
  view: View;
  change: (changed: Partial<View>) => void;
  keyName: (id: string) => string;
  memberName: (id: string) => string;
}

/** The figures of a span, and where they come from: by day, model, key and member. Each bar leads to what it is of. */
export function UsageCharts({ stats, before, view, change, keyName, memberName }: Props) {
  const [metric, setMetric] = useState<Metric>("cost");
  const name = METRICS.find(({ value }) => value === metric)?.label ?? "";
  const byWeek = isByWeek(stats.by_day);
  const { split } = view;
  const days = stats.by_day.map((day) => day.name);
  const { projects } = useNames();
  const labels = {
    model: (id: string) => id,
    key: keyName,
    member: memberName,
    project: (id: string) => nameIn(projects, id),
  };
  const label = labels[split ?? "model"];
  const stacks = split === null ? null : stacksOf(days, stats.by_day_and_part, metric, label);

  function choose(day: string, series: string) {
    const span = spanOf(day, stats.by_day);
    const part = stacks?.ids.get(series);
    const chosen = part == null || split === null ? {} : partOf(split, part);
    if (day === view.from && span.to === view.to && Object.keys(chosen).length === 0) return;
    change({ ...span, ...chosen });
  }

  const title = byWeek ? t`${name} by week` : t`${name} by day`;
  return (
    <>
      <UseTiles stats={stats} before={before} />
      <Panel
        title={title}
        lead={
          byWeek
            ? t`Each bar is a week from the day named. Days are in ${{ zone: stats.time_zone }}. A bar leads to its requests.`
            : t`Days are in ${{ zone: stats.time_zone }}. A bar leads to its requests.`
        }
        actions={
          <Group gap="xs">
            <Select
              aria-label={t`What each bar is stacked by`}
              placeholder={t`In one piece`}
              size="xs"
              w={140}
              data={splitsOf(stats, split)}
              value={split}
              onChange={(chosen) => change({ split: chosen as Split | null })}
              clearable
              clearButtonProps={{ "aria-label": t`In one piece` }}
            />
            <SegmentedControl
              aria-label={t`What the charts show`}
              size="xs"
              value={metric}
              onChange={(chosen) => setMetric(chosen as Metric)}
              data={METRICS}
            />
          </Group>
        }
      >
        <Chart
          kind={stacks === null ? "bars" : "stacked"}
          title={title}
          rowTitle={byWeek ? t`Week from` : t`Day`}
          rows={stats.totals.requests === 0 ? [] : (stacks?.rows ?? dayRows(stats.by_day, metric, name))}
          series={stacks?.series ?? [{ name, color: "fare.6" }]}
          formatAxis={metric === "cost" ? axisUsd : formatCompact}
          onChoose={choose}
          empty={t`No requests in this time.`}
        />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Panel title={t`${name} by model`}>
          <Ranking
            title={t`${name} by model`}
            rows={ranks(stats.by_model, metric)}
            onChoose={(model) => change({ model })}
          />
        </Panel>
        <Panel title={t`${name} by key`}>
          <Ranking
            title={t`${name} by key`}
            rows={ranks(stats.by_key, metric, keyName)}
            onChoose={(key) => change({ key })}
          />
        </Panel>
      </SimpleGrid>
      {stats.by_member.length > 1 && (
        <Panel title={t`${name} by member`}>
          <Ranking
            title={t`${name} by member`}
            rows={ranks(stats.by_member, metric, memberName)}
            onChoose={(member) => change({ member })}
          />
        </Panel>
      )}
    </>
  );
}

/** By what bars can be stacked: a person alone has no members, and most have no projects. */
function splitsOf(stats: UsageStats, chosen: Split | null) {
  const isThere: Record<Split, boolean> = {
    model: true,
    key: true,
    member: stats.by_member.length > 0,
    project: stats.by_project.length > 0,
  };
  return SPLITS.filter(({ value }) => isThere[value] || value === chosen).map((split) => ({ ...split }));
}

/** The filter that is what a part of a bar stands for. */
function partOf(split: Split, id: string): Partial<View> {
  return split === "project" ? {} : { [split]: id };
}
