import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { api, unwrap } from "@/api/client";
import { type RequestFilter, type UsageRecord, useRequests } from "@/data/usage";
import { merged } from "./merge";

const PAGE = 100;
const TAIL = 50;
const TAIL_EVERY_MS = 2_000;

/** The requests of a filter, newest first, a page at a time; while it is live, with those that come meanwhile. */
export function useLog(filter: RequestFilter, isLive: boolean) {
  const query = useRequests(filter, PAGE);
  const heard = useRef<{ filter: string; requests: UsageRecord[] }>({ filter: "", requests: [] });
  const name = JSON.stringify(filter);
  const tail = useQuery({
    queryKey: ["usage", "tail", filter],
    enabled: isLive,
    refetchInterval: TAIL_EVERY_MS, // it rests while the page is not seen
    queryFn: async () => {
      const { data } = await unwrap(
        api().GET("/api/usage/logs", { params: { query: { ...filter, limit: TAIL } } }),
      );
      const before = heard.current.filter === name ? heard.current.requests : [];
      heard.current = { filter: name, requests: merged(data, before) };
      return heard.current.requests;
    },
  });
  const requests = useMemo(() => {
    const loaded = query.data?.pages.flatMap((page) => page.data);
    return loaded && merged(tail.data ?? [], loaded);
  }, [query.data, tail.data]);
  return { query, requests };
}
