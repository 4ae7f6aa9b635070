import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { useMay } from "./organisations";
import { pagesOf } from "./pages";

export type Key = Schema<"Key">;

const KEY = ["keys"];

/** The API keys that one may see, a page at a time; nothing where one may see none. */
export function useKeys() {
  const may = useMay();
  return useInfiniteQuery({
    queryKey: KEY,
    enabled: may("keys.read"),
    ...pagesOf((cursor) => unwrap(api().GET("/api/keys", { params: { query: { cursor } } }))),
  });
}

/** Has the keys listed again: to be called after one was made, changed or revoked. */
export function useRefreshKeys(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: KEY });
}
