import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import type { paths } from "@/api/schema";
import { pagesOf } from "./pages";

export type UsageStats = Schema<"StatsAnswer">;
export type Figures = Schema<"FiguresAnswer">;
export type NamedFigures = Schema<"NamedFigures">;
export type UsageRecord = Schema<"UsageAnswer">;

/** The spans that statistics come in, in days. */
export const SPANS = [7, 30, 90, 365] as const;
export type SpanDays = (typeof SPANS)[number];

/** Which requests; what is absent is all. `from` and `to` are moments. */
export type RequestFilter = Omit<
  NonNullable<paths["/api/usage/logs"]["get"]["parameters"]["query"]>,
  "cursor" | "limit"
>;

/** Whose figures; what is absent is all. `first` and `last` are days in the account's time zone, both included. */
export type StatsFilter = Omit<
  NonNullable<paths["/api/usage/stats"]["get"]["parameters"]["query"]>,
  "days" | "tz"
>;

/** One's last days, or those of a filter: in all, by day, model and key. */
export function useUsageStats(days: SpanDays, filter: StatsFilter = {}, { isWanted = true } = {}) {
  return useQuery({
    enabled: isWanted,
    queryKey: ["usage", "stats", days, filter],
    queryFn: () => unwrap(api().GET("/api/usage/stats", { params: { query: { ...filter, days } } })),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** One's requests, newest first, a page at a time. */
export function useRequests(filter: RequestFilter = {}, limit = 25) {
  return useInfiniteQuery({
    queryKey: ["usage", "requests", filter, limit],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/usage/logs", { params: { query: { ...filter, limit, cursor } } })),
    ),
  });
}
