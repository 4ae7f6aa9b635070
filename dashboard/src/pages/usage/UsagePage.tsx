import { t } from "@lingui/core/macro";
import { useEffect } from "react";
import { Navigate, useParams, useSearchParams } from "react-router";
import { formerName, nameIn, shortId, useNames } from "@/data/groups";
import { useKeys } from "@/data/keys";
import { useMe } from "@/data/me";
import { type UsageStats, useUsageStats } from "@/data/usage";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { SpanChoice } from "@/kit/SpanChoice";
import { addDays } from "@/kit/zoned";
import { ForecastPanel } from "./figures/ForecastPanel";
import { RequestFilters } from "./RequestFilters";
import { RequestLog } from "./RequestLog";
import { RequestPage } from "./request/RequestPage";
import { UsageCharts } from "./UsageCharts";
import { useView } from "./useView";
import { statsFilterOf, type View } from "./view";

const REQUEST = "requests/";
const MOST_PAGES = 20; // of keys that are read for their names: the newest thousand

/** The paths below `/usage`: a request's id, or nothing for all of them. */
export default function UsagePage() {
  const { "*": path = "" } = useParams();
  const [search] = useSearchParams();
  const names = useKeyNames();
  const former = search.get("receipt"); // addresses of before requests had pages of their own
  if (former !== null) return <Navigate to={`/usage/${REQUEST}${encodeURIComponent(former)}`} replace />;
  if (path.startsWith(REQUEST)) return <RequestPage id={path.slice(REQUEST.length)} keyName={names} />;
  return <AllUsage keyName={names} />;
}

/** What requests took, cost and came to. The address says what is shown: see `View`. */
function AllUsage({ keyName }: { keyName: (id: string) => string }) {
  const [view, change] = useView();
  const everything = useUsageStats(view.days);
  const stats = useUsageStats(view.days, {
    ...statsFilterOf(view),
    ...(view.split !== null && { split: view.split }),
  });
  const before = useStatsBefore(view, stats.data);
  const memberName = usePeopleNames(everything.data, stats.data);
  const projectName = useProjectNames();
  return (
    <Page
      title={t`Usage`}
      lead={t`What your requests took, cost and came to.`}
      actions={
        <SpanChoice
          value={view.from === null && view.to === null ? view.days : null}
          onChange={(days) => change({ days, from: null, to: null })}
        />
      }
    >
      <RequestFilters
        view={view}
        change={change}
        stats={everything.data}
        keyName={keyName}
        memberName={memberName}
        projectName={projectName}
      />
      <Loaded query={stats} loading={<Loading as="chart" />}>
        {(data) => (
          <UsageCharts
            stats={data}
            before={before}
            view={view}
            change={change}
            keyName={keyName}
            memberName={memberName}
            projectName={projectName}
          />
        )}
      </Loaded>
      <ForecastPanel />
      <RequestLog view={view} change={change} keyName={keyName} />
    </Page>
  );
}

/** The same figures of as many days before. */
function useStatsBefore(view: View, shown: { first: string; by_day: unknown[] } | undefined) {
  const first = shown && addDays(shown.first, -shown.by_day.length);
  const last = shown && addDays(shown.first, -1);
  const before = useUsageStats(
    view.days,
    { ...statsFilterOf(view), first, last },
    { isWanted: shown !== undefined },
  );
  return before.data?.first === first ? before.data : undefined;
}

/** What the people are called that some figures are of; the id of who is not to be seen. */
function usePeopleNames(...told: (UsageStats | undefined)[]): (id: string) => string {
  const me = useMe().data;
  const people = new Map(told.flatMap((stats) => stats?.people ?? []).map((each) => [each.id, each]));
  return (id) => {
    const person = people.get(id);
    if (person === undefined) return id === me?.id ? (me.full_name ?? me.email) : id;
    return person.is_member ? (person.name ?? id) : formerName(id, person.name);
  };
}

/** What projects are called; one that was deleted has no name any more. */
function useProjectNames(): (id: string) => string {
  const { projects, knowsProjects } = useNames();
  return (id) =>
    knowsProjects && !projects.some((each) => each.id === id)
      ? t`Former project ${{ id: shortId(id) }}`
      : nameIn(projects, id);
}

/** The name of a key by its id. Until they are read, and for one that is unknown or older than very many, the id itself. */
function useKeyNames(): (id: string) => string {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useKeys();
  const isMore = hasNextPage && (data?.pages.length ?? 0) < MOST_PAGES;
  useEffect(() => {
    if (isMore && !isFetchingNextPage) void fetchNextPage();
  }, [isMore, isFetchingNextPage, fetchNextPage]);
  const keys = data?.pages.flatMap((page) => page.data) ?? [];
  return (id) => keys.find((key) => key.id === id)?.name ?? id;
}
