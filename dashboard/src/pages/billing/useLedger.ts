import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";

export type Entry = Schema<"TransactionAnswer">;
export type EntryType = Entry["type"];

export interface LedgerFilter {
  type: EntryType | null;
  /** Moments of the API: from the first on, and before the second. */
  from: string | null;
  to: string | null;
}

const KEY = "ledger";

/** One's ledger, the newest entry first. */
export function useLedger({ type, from, to }: LedgerFilter) {
  const filter = { type: type ?? undefined, from: from ?? undefined, to: to ?? undefined };
  return useInfiniteQuery({
    queryKey: [KEY, filter],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/wallet/transactions", { params: { query: { ...filter, cursor } } })),
    ),
  });
}

/** Has the ledger read again, after something that it tells of. */
export function useRefreshLedger(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: [KEY] });
}
