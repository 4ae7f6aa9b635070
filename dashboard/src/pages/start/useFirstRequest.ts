import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, unwrap } from "@/api/client";
import type { UsageRecord } from "@/data/usage";
import { nextLook } from "./waiting";

export interface Waiting {
  /** The newest request since the page was opened; `null` until there is one. */
  request: UsageRecord | null;
  /** Whether it still looks by itself. */
  isLooking: boolean;
  /** Look again, from now on. */
  look: () => void;
}

/**
 * Waits for a request with a key, or with any of one's keys. It looks while the page is seen, ever more slowly, and
 * ends once a request was answered, or when nobody came for half an hour. One that failed is told, and it goes on.
 */
export function useFirstRequest(keyId: string | null, isReady: boolean): Waiting {
  const [since, setSince] = useState(() => Date.now());
  const [from] = useState(() => new Date(Date.now() - 60_000).toISOString()); // clocks differ
  const query = useQuery({
    queryKey: ["usage", "first", keyId, from],
    enabled: isReady,
    queryFn: async () => {
      const query = keyId === null ? { from, limit: 1 } : { key_id: keyId, limit: 1 };
      return (await unwrap(api().GET("/api/usage/logs", { params: { query } }))).data[0] ?? null;
    },
    refetchInterval: ({ state }) => (isAnswered(state.data) ? false : nextLook(Date.now() - since)),
    refetchIntervalInBackground: false,
  });
  const { refetch } = query;
  const look = useCallback(() => {
    setSince(Date.now());
    void refetch();
  }, [refetch]);
  const request = query.data ?? null;
  return {
    request,
    isLooking: isReady && !isAnswered(request) && nextLook(Date.now() - since) !== false,
    look,
  };
}

/** Whether a request came to an answer that is paid. */
export function isAnswered(request: UsageRecord | null | undefined): boolean {
  return request?.status === "ok";
}
