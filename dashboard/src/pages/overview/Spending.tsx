import { t } from "@lingui/core/macro";
import { SimpleGrid } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { type SpanDays, useUsageStats } from "@/data/usage";
import { Chart } from "@/kit/charts/Chart";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { axisUsd } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { SpanChoice } from "@/kit/SpanChoice";
import { ranks } from "@/pages/usage/ranks";
import { dayRows, isByWeek, spanOf } from "@/pages/usage/series";
import { UseTiles } from "@/pages/usage/UseTiles";
import { usagePath } from "@/pages/usage/view";

/** What was spent in a span of days, over time and on which models. A bar leads to its requests. */
export default function Spending() {
  const [days, setDays] = useState<SpanDays>(30);
  const stats = useUsageStats(days);
  const navigate = useNavigate();
  return (
    <>
      <div>
        <SpanChoice value={days} onChange={setDays} />
      </div>
      <Loaded query={stats} loading={<Loading as="chart" />}>
        {(data) => (
          <>
            <UseTiles stats={data} />
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
              <Panel title={isByWeek(data.by_day) ? t`Spend by week` : t`Spend by day`}>
                <Chart
                  kind="bars"
                  title={t`Spend over time`}
                  rowTitle={isByWeek(data.by_day) ? t`Week from` : t`Day`}
                  rows={data.totals.requests === 0 ? [] : dayRows(data.by_day, "cost", t`Spend`)}
                  series={[{ name: t`Spend`, color: "fare.6" }]}
                  height={310}
                  formatAxis={axisUsd}
                  onChoose={(day) => void navigate(usagePath(spanOf(day, data.by_day)))}
                  empty={t`No requests in this time.`}
                />
              </Panel>
              <Panel title={t`Spend by model`}>
                <Ranking
                  title={t`Spend by model`}
                  rows={ranks(data.by_model, "cost")}
                  limit={5}
                  onChoose={(model) => void navigate(usagePath({ model, days }))}
                />
              </Panel>
            </SimpleGrid>
          </>
        )}
      </Loaded>
    </>
  );
}
