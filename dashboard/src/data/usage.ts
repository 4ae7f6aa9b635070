import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
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

/** One's last days: in all, by day, model and key. */
export function useUsageStats(days: SpanDays) {
  return useQuery({
    queryKey: ["usage", "stats", days],
    queryFn: () => unwrap(api().GET("/api/usage/stats", { params: { query: { days } } })),
    refetchInterval: 60_000,
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
