import { t } from "@lingui/core/macro";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";
import { everyPage, pagesOf } from "@/data/pages";
import { formatCount } from "@/kit/numbers";
import { ADMIN } from "../parts/useChange";

export type ManagedUser = Schema<"ManagedUser">;
export type UserChange = Partial<Schema<"UserChange">>;

/** How many rows of each of the lists on a user's page there are until more are asked for. */
export const FEW = 10;

/** What a user is called: an organisation has no address. */
export function nameOf({ email, full_name, id }: Pick<ManagedUser, "email" | "full_name" | "id">): string {
  return email || full_name || id;
}

/** Whether they are erased or closed, for good: nothing of theirs is changed any more. */
export function isGone({ status, closed_at }: Pick<ManagedUser, "status" | "closed_at">): boolean {
  return status === "erased" || closed_at !== null;
}

/** What the user with this id is called, once it is known; of one who is not there any more, the id is all there is. */
export function useNameOf(id: string): string {
  const user = useUser(id);
  return user.data === undefined ? id : nameOf(user.data);
}

/** How many a search has found; of very many accounts only the first are looked through. */
export function sayCount({ count: found, is_exact }: Schema<"CountAnswer">): string {
  if (found === 0) return is_exact ? t`Nobody found` : t`Nobody found so far`;
  const count = formatCount(found);
  return is_exact ? t`${count} found` : t`At least ${count} found`;
}

/** One user, as operators see them. */
export function useUser(id: string) {
  return useQuery({
    queryKey: [ADMIN, "user", id],
    queryFn: () => unwrap(api().GET("/api/admin/users/{id}", { params: { path: { id } } })),
  });
}

/** A user's keys, without their secrets. */
export function useUserKeys(id: string) {
  return useInfiniteQuery({
    queryKey: [ADMIN, "user-keys", id],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/users/{id}/keys", { params: { path: { id }, query: { cursor } } })),
    ),
  });
}

/** The plans there are, by name, for a choice. */
export function usePlanChoices(): { value: string; label: string }[] {
  const plans = useQuery({
    queryKey: [ADMIN, "plans"],
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/admin/plans", { params: { query } })))).data,
  });
  return (plans.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
}
