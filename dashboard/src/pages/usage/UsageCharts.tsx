import { t } from "@lingui/core/macro";
import { Group, SegmentedControl, Select, SimpleGrid } from "@mantine/core";
import type { UsageStats } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { axisUsd } from "@/kit/money";
import { formatCompact } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { NONE, SPLITS, type Split, stacksOf, withNone } from "./figures/stacks";
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
  projectName: (id: string) => string;
}

/** The figures of a span, and where they come from: by day, model, key member and project. Each bar leads to what it is of. */
export function UsageCharts({ stats, before, view, change, keyName, memberName, projectName }: Props) {
  const { metric, split } = view;
  const name = METRICS.find(({ value }) => value === metric)?.label ?? "";
  const byWeek = isByWeek(stats.by_day);
  const days = stats.by_day.map((day) => day.name);
  const labels = {
    model: (id: string) => id,
    key: keyName,
    member: memberName,
    project: projectName,
  };
  const label = labels[split ?? "model"];
  const nobodys = { model: "", key: "", member: t`No member`, project: t`No project` }[split ?? "model"];
  const parts = withNone(stats.by_day, stats.by_day_and_part);
  const stacks =
    split === null ? null : stacksOf(days, parts, metric, (id) => (id === NONE ? nobodys : label(id)));

  function choose(day: string, series: string) {
    const span = spanOf(day, stats.by_day);
    const part = stacks?.ids.get(series);
    const chosen = split === null || !part ? {} : { [split]: part }; // what is of none has no filter
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
              onChange={(chosen) => change({ metric: chosen as Metric })}
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
      {stats.by_project.length > 0 && (
        <Panel title={t`${name} by project`}>
          <Ranking
            title={t`${name} by project`}
            rows={ranks(stats.by_project, metric, projectName)}
            onChoose={(project) => change({ project })}
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
