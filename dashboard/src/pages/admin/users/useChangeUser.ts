import { api, type Schema, unwrap } from "@/api/client";
import { useChange } from "../parts/useChange";
import type { UserChange } from "./users";

/** Change a user. What is not named stays; `null` takes away. */
export function useChangeUser(id: string) {
  return useChange((change: UserChange, headers) =>
    unwrap(
      api().PATCH("/api/admin/users/{id}", {
        params: { path: { id } },
        body: change as Schema<"UserChange">,
        headers,
      }),
    ),
  );
}
