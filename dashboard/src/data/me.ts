import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";

export type Me = Schema<"User">;

const KEY = ["me"];

/** Who is signed in. */
export function useMe() {
  return useQuery({ queryKey: KEY, queryFn: () => unwrap(api().GET("/api/auth/me")), staleTime: 60_000 });
}

/** Change one's name or time zone. */
export function useChangeMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { full_name?: string | null; time_zone?: string }) =>
      unwrap(api().PATCH("/api/auth/me", { body: body as Schema<"ProfileChange"> })),
    onSuccess: (me) => queries.setQueryData(KEY, me),
  });
}

/** The zone in which a person's dates are shown and their budgets end: theirs, or the browser's until it is known. */
export function useZone(): string {
  const me = useMe();
  return me.data?.time_zone ?? browserZone();
}

/** The browser's own IANA zone. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
