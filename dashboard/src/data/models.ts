import { useQuery } from "@tanstack/react-query";
import { openApi, type Schema, unwrap } from "@/api/client";

export type Model = Schema<"Model">;

/** The models that an API key may use, with their prices. Models are a matter of the data plane, which knows keys and
 * not people: without a key (`null`) nothing is asked. */
export function useModels(key: string | null) {
  return useQuery({
    queryKey: ["models", key?.split("-", 3).join("-")], // the key's id, which is no secret
    enabled: key !== null,
    staleTime: 300_000,
    queryFn: async () => {
      const headers = { authorization: `Bearer ${key}` };
      return (await unwrap(openApi().GET("/v1/models", { headers }))).data;
    },
  });
}
