import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";
import { ADMIN } from "../parts/useChange";

export type Price = Schema<"PriceAnswer">;
/** A price without what follows from it. */
export type PriceAsSet = Schema<"PriceToSet">;
/** A model's price, as it counts and as it was set. */
export type ModelPrice = Schema<"ModelPrice">;

/** Every price that counts now, by name of model. */
export function usePrices() {
  return useQuery({
    queryKey: [ADMIN, "prices"],
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/admin/pricing", { params: { query } })))).data,
    staleTime: 30_000,
  });
}
