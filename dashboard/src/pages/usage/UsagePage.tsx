import { useEffect } from "react";
import { useKeys } from "@/data/keys";
import { useUsageStats } from "@/data/usage";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { SpanChoice } from "@/kit/SpanChoice";
import { ReceiptDrawer } from "./ReceiptDrawer";
import { RequestFilters } from "./RequestFilters";
import { RequestLog } from "./RequestLog";
import { UsageCharts } from "./UsageCharts";
import { useView } from "./useView";
import { statsFilterOf } from "./view";

/** What requests took, cost and came to. The address says what is shown: see `View`. */
export default function UsagePage() {
  const [view, change] = useView();
  const everything = useUsageStats(view.days);
  const stats = useUsageStats(view.days, statsFilterOf(view));
  const names = useKeyNames();
  return (
    <Page
      title="Usage"
      lead="What your requests took, cost and came to."
      actions={
        <SpanChoice
          value={view.from === null && view.to === null ? view.days : null}
          onChange={(days) => change({ days, from: null, to: null })}
        />
      }
    >
      <RequestFilters view={view} change={change} stats={everything.data} keyName={names} />
      <Loaded query={stats} loading={<Loading as="chart" />}>
        {(data) => <UsageCharts stats={data} keyName={names} />}
      </Loaded>
      <RequestLog view={view} change={change} keyName={names} />
      <ReceiptDrawer id={view.receipt} onClose={() => change({ receipt: null })} keyName={names} />
    </Page>
  );
}

/** The name of a key by its id. Until all keys are read, and for one that is unknown, the id itself. */
function useKeyNames(): (id: string) => string {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useKeys();
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const keys = data?.pages.flatMap((page) => page.data) ?? [];
  return (id) => keys.find((key) => key.id === id)?.name ?? id;
}
