import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { ADMIN } from "../parts/useChange";

export type ManagedUser = Schema<"ManagedUser">;
export type UserChange = Partial<Schema<"UserChange">>;

/** One user, as operators see them. */
export function useUser(id: string) {
  return useQuery({
    queryKey: [ADMIN, "user", id],
    queryFn: () => unwrap(api().GET("/api/admin/users/{id}", { params: { path: { id } } })),
  });
}

/** The plans there are, by name, for a choice. */
export function usePlanChoices(): { value: string; label: string }[] {
  const plans = useQuery({
    queryKey: [ADMIN, "plans"],
    queryFn: async () => (await unwrap(api().GET("/api/admin/plans"))).data,
  });
  return (plans.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
}
