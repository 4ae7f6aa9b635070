import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { ADMIN, useChange } from "../parts/useChange";

/** The jobs, when each ran last and what it did. */
export function useJobs() {
  return useQuery({
    queryKey: [ADMIN, "jobs"],
    queryFn: async () => (await unwrap(api().GET("/api/admin/jobs"))).data,
    refetchInterval: 30_000,
  });
}

/** Run a job now. It answers what it did. */
export function useRunJob() {
  return useChange((name: string, headers) =>
    unwrap(api().POST("/api/admin/jobs/{name}", { params: { path: { name } }, headers })),
  );
}
