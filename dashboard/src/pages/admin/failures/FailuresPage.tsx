import { t } from "@lingui/core/macro";
import { Anchor, Group, Pill, SegmentedControl, SimpleGrid } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleCheckIcon } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { useZone } from "@/data/me";
import { Chart } from "@/kit/charts/Chart";
import { formatTime } from "@/kit/dates";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { Ranking } from "@/kit/Ranking";
import { When } from "@/kit/When";
import { asPages } from "../parts/asPages";
import { NameLink, pageBelow } from "../parts/NameLink";
import { Notice } from "../parts/Notice";
import { ADMIN } from "../parts/useChange";
import { userRequestPath } from "../users/paths";
import { overTime, SPANS, type SpanHours } from "./overTime";

type Failures = Schema<"FailuresAnswer">;

const NARROWED = ["upstream", "model", "reason", "user_id"] as const;
type Dimension = (typeof NARROWED)[number];

const LABELS: Record<Dimension, string> = {
  upstream: t`Upstream`,
  model: t`Model`,
  reason: t`Reason`,
  user_id: t`Customer`,
};

const FAILED = t`Failed`;

const sayDays = (days: number) => t`${days} days`;

/** What failed: by upstream, model, reason and customer, over time, down to each request. What one looks at is in the
 * page's address. */
export default function FailuresPage() {
  const [search, setSearch] = useSearchParams();
  const hours = SPANS.find((each) => String(each) === search.get("hours")) ?? 24;
  const query = Object.fromEntries(
    NARROWED.filter((name) => search.has(name)).map((name) => [name, search.get(name) ?? ""]),
  ) as Partial<Record<Dimension, string>>;
  const set = (name: string, value: string | null) =>
    setSearch(
      (former) => {
        const next = new URLSearchParams(former);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const failures = useQuery({
    queryKey: [ADMIN, "failures", hours, query],
    queryFn: () => unwrap(api().GET("/api/admin/failures", { params: { query: { ...query, hours } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <Page
      title={t`Errors`}
      lead={t`Requests that failed, by what they have in common. Choose a bar to narrow them.`}
      actions={
        <SegmentedControl
          aria-label={t`Time shown`}
          value={String(hours)}
          onChange={(value) => set("hours", value)}
          data={[
            { value: "24", label: t`24 hours` },
            { value: "168", label: sayDays(7) },
            { value: "720", label: sayDays(30) },
          ]}
        />
      }
    >
      <Narrowed query={query} failures={failures.data} onClear={(name) => set(name, null)} />
      <Loaded query={failures} loading={<Loading as="chart" />}>
        {(found) => <Found failures={found} hours={hours} onChoose={set} />}
      </Loaded>
    </Page>
  );
}

interface NarrowedProps {
  query: Partial<Record<Dimension, string>>;
  failures: Failures | undefined;
  onClear: (name: Dimension) => void;
}

/** What the failures are narrowed to, and the way back. */
function Narrowed({ query, failures, onClear }: NarrowedProps) {
  const chosen = NARROWED.filter((name) => query[name] !== undefined);
  if (chosen.length === 0) return null;
  const say = (name: Dimension, value: string) =>
    name === "user_id"
      ? (failures?.by_user.find(({ user_id }) => user_id === value)?.name ?? value)
      : sayName(name, value);
  return (
    <Group gap="xs">
      {chosen.map((name) => {
        const told = `${LABELS[name]}: ${say(name, query[name] ?? "")}`;
        return (
          <Pill
            key={name}
            size="md"
            withRemoveButton
            onRemove={() => onClear(name)}
            removeButtonProps={{ "aria-label": t`Clear ${told}`, tabIndex: 0, "aria-hidden": false }}
          >
            {told}
          </Pill>
        );
      })}
    </Group>
  );
}

function sayName(dimension: Dimension, name: string): string {
  return dimension === "upstream" && name === "" ? t`None was asked` : name;
}

interface FoundProps {
  failures: Failures;
  hours: SpanHours;
  onChoose: (name: Dimension, value: string) => void;
}

function Found({ failures, hours, onChoose }: FoundProps) {
  const zone = useZone();
  if (failures.count === 0) {
    return (
      <Panel title={t`Failed requests`}>
        <Empty icon={CircleCheckIcon} title={t`Nothing failed`}>
          {t`No request failed in this time, or none that fits.`}
        </Empty>
      </Panel>
    );
  }
  const ranked = (dimension: Exclude<Dimension, "user_id">, rows: Schema<"FailureCount">[]) => (
    <Panel title={LABELS[dimension]}>
      <Ranking
        title={LABELS[dimension]}
        limit={8}
        rows={rows.map(({ name, count }) => ({
          key: name,
          label: sayName(dimension, name),
          height: count,
          told: formatCount(count),
        }))}
        onChoose={(name) => onChoose(dimension, name)}
      />
    </Panel>
  );
  const isCut = Date.parse(failures.complete_since) > Date.now() - hours * 3_600_000 + 60_000;
  return (
    <>
      {isCut && (
        <Notice tone="warn" title={t`There are more`}>
          {t`So many failed that only those since ${{ moment: formatTime(failures.complete_since, zone) }} are counted here.`}
        </Notice>
      )}
      <Panel title={t`Over time`} lead={t`${{ count: formatCount(failures.count) }} failed`}>
        <Chart
          kind="bars"
          title={t`Failed requests over time`}
          rowTitle={t`Since`}
          rows={overTime(failures.by_hour, hours).map(({ at, count }) => ({
            key: at,
            label: formatTime(at, zone),
            values: { [FAILED]: count },
          }))}
          series={[{ name: FAILED, color: "red.6" }]}
          height={180}
        />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {ranked("upstream", failures.by_upstream)}
        {ranked("model", failures.by_model)}
        {ranked("reason", failures.by_reason)}
        <Panel title={LABELS.user_id}>
          <Ranking
            title={LABELS.user_id}
            limit={8}
            rows={failures.by_user.map(({ user_id, name, count }) => ({
              key: user_id,
              label: name,
              height: count,
              told: formatCount(count),
            }))}
            onChoose={(id) => onChoose("user_id", id)}
          />
        </Panel>
      </SimpleGrid>
      <Newest failures={failures} />
    </>
  );
}

function Newest({ failures: { newest, count } }: { failures: Failures }) {
  return (
    <Panel
      title={t`Requests`}
      lead={newest.length < count ? t`The newest ${{ count: formatCount(newest.length) }}.` : undefined}
      flush
    >
      <PagedTable
        label={t`Failed requests, newest first`}
        query={asPages({ data: newest, error: null, refetch: () => undefined }, newest)}
        rowKey={({ request_id, user_id }) => `${user_id} ${request_id}`}
        columns={[
          { title: t`When`, show: ({ created_at }) => <When at={created_at} /> },
          {
            title: t`Customer`,
            show: ({ user_id, user_name }) => (
              <NameLink to={pageBelow("/admin/users", user_id)}>{user_name}</NameLink>
            ),
          },
          {
            title: t`Model`,
            place: "name",
            show: ({ model }) => model,
          },
          {
            title: t`Upstream`,
            show: ({ failed_upstreams }) => failed_upstreams.join(", ") || sayName("upstream", ""),
          },
          {
            title: t`Reason`,
            show: ({ error }) => error,
          },
          {
            title: t`Receipt`,
            align: "right",
            place: "action",
            show: ({ user_id, request_id }) => (
              <Anchor
                component={Link}
                to={userRequestPath(user_id, request_id)}
                size="sm"
                aria-label={t`Receipt of request ${{ requestId: request_id }}`}
              >
                {t`Receipt`}
              </Anchor>
            ),
          },
        ]}
        empty={null}
      />
    </Panel>
  );
}
