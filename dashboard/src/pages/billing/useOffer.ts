import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";

export type Package = Schema<"PackageAnswer">;
export type Plan = Schema<"PlanAnswer">;

/** What can be bought: packages, other amounts within bounds, and plans. */
export function useOffer() {
  return useQuery({
    queryKey: ["offer"],
    queryFn: () => everyPage((query) => unwrap(api().GET("/api/wallet/packages", { params: { query } }))),
    staleTime: 300_000,
  });
}

/** A plan's name by its id; the id itself of one that is no longer on offer. */
export function usePlanName(): (id: string) => string {
  const plans = useOffer().data?.plans;
  return (id) => plans?.find((plan) => plan.id === id)?.name ?? id;
}
