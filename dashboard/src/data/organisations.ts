import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { organisation } from "@/session/organisation";
import { everyPage } from "./pages";
import { useSight } from "./seeing";

export type Organisation = Schema<"OrganisationAnswer">;
export type Role = Organisation["role"];
export type Right = Organisation["rights"][number];

export const ORGANISATIONS = ["orgs"];

/** Those that one belongs to, one's own first. */
export function useOrganisations() {
  return useQuery({
    queryKey: ORGANISATIONS,
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/orgs", { params: { query } })))).data,
    staleTime: 30_000,
    refetchInterval: 60_000, // somebody may have invited, or removed, the person meanwhile
  });
}

/** Has them listed again: to be called after one was made, joined, changed or left. */
export function useRefreshOrganisations(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ORGANISATIONS });
}

/** The id of the one that this tab works on; `null` is one's own. */
export function useOrganisationId(): string | null {
  return useSyncExternalStore(organisation.subscribe, organisation.id);
}

/** The one that this tab works on, once it is known. */
export function useOrganisation(): Organisation | undefined {
  const id = useOrganisationId();
  const all = useOrganisations().data;
  return all?.find((each) => (id === null ? each.is_personal : each.id === id));
}

const LOOKING = /\.(read|of_others)$/;

/** What one may do there. Of one's own that is everything, so nothing waits for an answer there; who sees as somebody
 * else looks alone. */
export function useMay(): (right: Right) => boolean {
  const id = useOrganisationId();
  const here = useOrganisation();
  const isSeeing = useSight() !== null;
  return (right) =>
    (!isSeeing || LOOKING.test(right)) && (here === undefined ? id === null : here.rights.includes(right));
}
