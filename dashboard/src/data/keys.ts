import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "./pages";

export type Key = Schema<"Key">;

const KEY = ["keys"];

/** One's API keys, a page at a time. `usePaged` flattens them for `<PagedTable>`. */
export function useKeys() {
  return useInfiniteQuery({
    queryKey: KEY,
    ...pagesOf((cursor) => unwrap(api().GET("/api/keys", { params: { query: { cursor } } }))),
  });
}

/** Has the keys listed again: to be called after one was made, changed or revoked. */
export function useRefreshKeys(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: KEY });
}
