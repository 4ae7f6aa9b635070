import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";

export type ModelMeasure = Schema<"ModelMeasure">;

/** How the models that one may use did in the last days, by name. */
export function useMeasures() {
  return useQuery({
    queryKey: ["models", "measures"],
    staleTime: 300_000,
    queryFn: async () => {
      const { data } = await unwrap(api().GET("/api/models/measures"));
      return new Map(data.map((measure) => [measure.model, measure]));
    },
  });
}
