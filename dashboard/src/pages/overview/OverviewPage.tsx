import { Anchor, SimpleGrid } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { useKeys } from "@/data/keys";
import { useMe } from "@/data/me";
import { type SpanDays, useRequests, useUsageStats } from "@/data/usage";
import { useWallet } from "@/data/wallet";
import { Chart } from "@/kit/charts/Chart";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { axisUsd } from "@/kit/money";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { SpanChoice } from "@/kit/SpanChoice";
import { columns } from "@/pages/usage/RequestLog";
import { ranks } from "@/pages/usage/ranks";
import { dayRows, isByWeek } from "@/pages/usage/series";
import { UseTiles } from "@/pages/usage/UseTiles";
import { Attention } from "./Attention";
import { notices } from "./attention";
import { FirstSteps } from "./FirstSteps";
import { MoneyTiles } from "./MoneyTiles";
import { firstSteps, isNew } from "./steps";

const RECENT = 6;

/** How one stands: what there is to spend, what was spent on what, and what needs attention. */
export default function OverviewPage() {
  const [days, setDays] = useState<SpanDays>(30);
  const me = useMe();
  const wallet = useWallet();
  const stats = useUsageStats(days);
  const week = useUsageStats(7);
  const keys = useKeys();
  const recent = useRequests({}, RECENT);
  const ownKeys = keys.data?.pages.flatMap((page) => page.data) ?? [];
  const hasRequests = (recent.data?.pages[0]?.data.length ?? 0) > 0;
  const isKnown = recent.isSuccess && (keys.isSuccess || keys.isError);
  const steps =
    me.data && wallet.data && isKnown
      ? firstSteps({ wallet: wallet.data, me: me.data, keys: ownKeys, hasRequests })
      : null;
  const isNewcomer = steps !== null && isNew(steps);
  const given = me.data?.full_name?.split(" ")[0];
  return (
    <Page
      title="Overview"
      lead={given ? `Good to see you, ${given}.` : undefined}
      actions={hasRequests && <SpanChoice value={days} onChange={setDays} />}
    >
      {isNewcomer && steps && <FirstSteps steps={steps} balance={wallet.data?.balance_usd ?? "0"} />}
      {me.data && wallet.data && (
        <Attention
          notices={notices({ wallet: wallet.data, me: me.data, keys: ownKeys, week: week.data }).filter(
            ({ id }) => !(isNewcomer && (id === "email" || id === "balance")), // the first steps say so
          )}
        />
      )}
      <Loaded query={wallet} loading={<Loading as="tile" />}>
        {(data) => <MoneyTiles wallet={data} week={week.data} />}
      </Loaded>
      {(recent.data === undefined || hasRequests) && (
        <Loaded query={stats} loading={<Loading as="chart" />}>
          {(data) => (
            <>
              <UseTiles stats={data} />
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
                <Panel title={isByWeek(data.by_day) ? "Spend by week" : "Spend by day"}>
                  <Chart
                    kind="bars"
                    title="Spend over time"
                    rowTitle={isByWeek(data.by_day) ? "Week from" : "Day"}
                    rows={data.totals.requests === 0 ? [] : dayRows(data.by_day, "cost", "Spend")}
                    series={[{ name: "Spend", color: "fare.6" }]}
                    height={290}
                    formatAxis={axisUsd}
                    empty="No requests in this time."
                  />
                </Panel>
                <Panel title="Spend by model">
                  <Ranking title="Spend by model" rows={ranks(data.by_model, "cost")} limit={5} />
                </Panel>
              </SimpleGrid>
            </>
          )}
        </Loaded>
      )}
      <Panel
        title="Recent requests"
        flush
        actions={
          hasRequests && (
            <Anchor component={Link} to="/usage" size="sm">
              All requests
            </Anchor>
          )
        }
      >
        <PagedTable
          label="Recent requests, newest first"
          query={{ ...recent, hasNextPage: false }}
          rowKey={(request) => `${request.request_id} ${request.created_at}`}
          columns={columns((id) => ownKeys.find((key) => key.id === id)?.name ?? id)}
          empty={
            <Empty title="No requests yet">Each is listed here within seconds, with what it cost.</Empty>
          }
        />
      </Panel>
    </Page>
  );
}
