import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { firstModel } from "./modelKinds";

export type Model = Schema<"Model">;

/** The models that one may use, with their prices. */
export function useModels() {
  return useQuery({
    queryKey: ["models"],
    staleTime: 300_000,
    queryFn: async () => (await unwrap(api().GET("/api/models"))).data,
  });
}

/** The model of a first request by a key: see `firstModel`. Where the list cannot be had, none is known. */
export function useFirstModel(allowed: string[] | null): Model | null | undefined {
  const models = useModels();
  return models.isError ? null : firstModel(allowed, models.data);
}
