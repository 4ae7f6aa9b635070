import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import type { SpanDays } from "@/data/usage";
import { ADMIN } from "../parts/useChange";

export type SystemStats = Schema<"SystemStats">;
export type SystemFigures = Schema<"SystemFigures">;

/** Everybody's last days, or those of one tenant (`""`: everybody). */
export function useSystemStats(days: SpanDays, tenant: string) {
  return useQuery({
    queryKey: [ADMIN, "stats", days, tenant],
    queryFn: async () => {
      const query = { days, tenant_id: tenant || undefined };
      return (await unwrap(api().GET("/api/admin/stats", { params: { query } }))) as SystemStats; // or CSV, if asked
    },
    placeholderData: keepPreviousData,
  });
}
