import { type RequestFilter, SPANS, type SpanDays, type StatsFilter } from "@/data/usage";
import { addDays, dayOf, endOfDay, isDay, startOfDay } from "@/kit/zoned";
import { SPLITS, type Split } from "./figures/stacks";
import { COLUMN_IDS, type ColumnId } from "./log/columnIds";
import { METRICS, type Metric } from "./series";

export const STATUSES = ["ok", "error", "aborted", "pending", "lost"] as const;
export type Status = (typeof STATUSES)[number];

/** What the page shows, as its address says it: so that a view can be kept, sent and gone back to. */
export interface View {
  days: SpanDays;
  model: string | null;
  key: string | null;
  status: Status | null;
  /** Calendar days in the person's zone, both included: `2026-11-25`. */
  from: string | null;
  to: string | null;
  member: string | null;
  project: string | null;
  /** What the charts show. */
  metric: Metric;
  /** By what each bar is stacked. */
  split: Split | null;
  /** The log's columns, where they are not those that it has by itself. */
  columns: ColumnId[] | null;
  /** By which column the log is sorted; without one, newest first. */
  sort: Order | null;
}

/** A column, the largest first, or with a minus before it the smallest. */
export type Order = ColumnId | `-${ColumnId}`;

/** The view of a query string. What is not understood is left out, as if it were not there. */
export function readView(search: URLSearchParams): View {
  return {
    days: SPANS.find((days) => String(days) === search.get("days")) ?? USUAL.days,
    model: search.get("model") || null,
    key: search.get("key") || null,
    status: STATUSES.find((status) => status === search.get("status")) ?? null,
    from: readDay(search.get("from")),
    to: readDay(search.get("to")),
    member: search.get("member") || null,
    project: search.get("project") || null,
    metric: METRICS.find(({ value }) => value === search.get("metric"))?.value ?? USUAL.metric,
    split: SPLITS.find(({ value }) => value === search.get("split"))?.value ?? null,
    columns: readColumns(search.get("columns")),
    sort: readOrder(search.get("sort")),
  };
}

/** What is so by itself. */
const USUAL: Pick<View, "days" | "metric"> = { days: 30, metric: "cost" };

/** The query string with some of it changed; what is `null`, or the default, is not in it. */
export function changeView(search: URLSearchParams, change: Partial<View>): URLSearchParams {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...readView(search), ...change })) {
    if (value !== null && value !== USUAL[name as keyof typeof USUAL]) next.set(name, String(value));
  }
  return next;
}

/** Where a view is shown; what is not said of it is as it is by itself. */
export function usagePath(view: Partial<View>): string {
  return `/usage?${changeView(new URLSearchParams(), view)}`;
}

/** The figures of a view, in days of the person's zone. A first day without a last one goes until today. */
export function statsFilterOf(view: View): StatsFilter {
  return {
    ...(view.model !== null && { model: view.model }),
    ...(view.key !== null && { key_id: view.key }),
    ...(view.member !== null && { member: view.member }),
    ...(view.project !== null && { project: view.project }),
    ...(view.from !== null && { first: view.from }),
    ...(view.to !== null && { last: view.to }),
  };
}

/** The requests of a view. Without days of their own they are those that the figures are of. */
export function filterOf(view: View, zone: string, now: Date = new Date()): RequestFilter {
  const filter: RequestFilter = {};
  if (view.model !== null) filter.model = view.model;
  if (view.key !== null) filter.key_id = view.key;
  if (view.status !== null) filter.status = view.status;
  if (view.member !== null) filter.member = view.member;
  if (view.project !== null) filter.project = view.project;
  if (view.from !== null) filter.from = startOfDay(view.from, zone);
  else filter.from = startOfDay(addDays(view.to ?? dayOf(now, zone), 1 - view.days), zone);
  if (view.to !== null) filter.to = endOfDay(view.to, zone);
  return filter;
}

export function isFiltered(view: View): boolean {
  return Object.keys(UNFILTERED).some((name) => view[name as keyof typeof UNFILTERED] !== null);
}

/** What lifts every filter. */
export const UNFILTERED = {
  model: null,
  key: null,
  member: null,
  project: null,
  status: null,
  from: null,
  to: null,
} as const;

function readColumns(text: string | null): ColumnId[] | null {
  const named = text?.split(",") ?? [];
  const known = COLUMN_IDS.filter((id) => named.includes(id)); // in the order that they have
  return known.length > 0 ? known : null;
}

function readOrder(text: string | null): Order | null {
  const id = COLUMN_IDS.find((each) => each === text?.replace(/^-/, ""));
  if (id === undefined) return null;
  return text?.startsWith("-") ? `-${id}` : id;
}

function readDay(text: string | null): string | null {
  return text !== null && isDay(text) ? text : null;
}
