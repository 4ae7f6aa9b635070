import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { useMeasures } from "./measures";
import { suggestedModel, usableModels } from "./suggested";

export type Model = Schema<"Model">;

/** The models that one may use, with their prices. */
export function useModels({ isWanted = true } = {}) {
  return useQuery({
    enabled: isWanted,
    queryKey: ["models"],
    staleTime: 300_000,
    queryFn: async () => (await unwrap(api().GET("/api/models"))).data,
  });
}

/** What somebody begins with who has chosen no model. */
export interface Suggested {
  /** See `suggestedModel`; `null` where there is none, `undefined` while it is not known yet. */
  model: Model | null | undefined;
  /** Those that it is one of: for programs that want another. */
  usable: Model[];
}

/** The model of a first request with a key that may ask `allowed`, `null` being all. */
export function useSuggestedModel(allowed: string[] | null): Suggested {
  const models = useModels();
  const measures = useMeasures();
  const usable = usableModels(allowed, models.data ?? []);
  if (models.isError) return { model: null, usable };
  if (models.data === undefined || measures.isPending) return { model: undefined, usable };
  return { model: suggestedModel(usable, (id) => measures.data?.get(id)?.rank ?? null), usable };
}
