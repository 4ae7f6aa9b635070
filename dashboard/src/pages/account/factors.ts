import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";

const KEY = ["account", "factors"];

/** One's second factors. */
export function useFactors() {
  return useQuery({ queryKey: KEY, queryFn: () => unwrap(api().GET("/api/auth/second-factor")) });
}

/** Has them looked at again, and whether one has any. */
export function useRefreshFactors(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: KEY }),
      queries.invalidateQueries({ queryKey: ["me"] }),
    ]);
  };
}
