import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";
import { ADMIN, useChange } from "../parts/useChange";

export type Upstream = Schema<"UpstreamAnswer">;
export type Terms = Partial<Schema<"UpstreamTerms">>;

/** Every upstream. */
export function useUpstreams() {
  return useQuery({
    queryKey: [ADMIN, "upstreams"],
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/admin/upstreams", { params: { query } })))).data,
  });
}

/** Change an upstream. What is not named stays; `null` is the default again. */
export function useChangeUpstream() {
  return useChange(({ id, terms }: { id: string; terms: Terms }, headers) =>
    unwrap(
      api().PATCH("/api/admin/upstreams/{id}", {
        params: { path: { id } },
        body: terms as Schema<"UpstreamTerms">,
        headers,
      }),
    ),
  );
}

/** Forget an upstream and its key. */
export function useDeleteUpstream() {
  return useChange(
    (id: string, headers) =>
      unwrap(api().DELETE("/api/admin/upstreams/{id}", { params: { path: { id } }, headers })),
    { isGone: true },
  );
}
