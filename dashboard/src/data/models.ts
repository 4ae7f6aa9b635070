import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";

export type Model = Schema<"Model">;

/** The models that one may use, with their prices. */
export function useModels() {
  return useQuery({
    queryKey: ["models"],
    staleTime: 300_000,
    queryFn: async () => (await unwrap(api().GET("/api/models"))).data,
  });
}
