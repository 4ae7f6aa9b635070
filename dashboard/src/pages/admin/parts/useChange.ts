import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type OrderHeaders, Orders } from "./orders";

/** Every query of these pages begins with it: a change has all that is on screen read again. */
export const ADMIN = "admin";

/**
 * A change by an operator, made once however often it is clicked. `send` passes `headers` on to the API. What
 * `isGone` afterwards is not read again before its page is left.
 */
export function useChange<Wish, Answer>(
  send: (wish: Wish, headers: OrderHeaders) => Promise<Answer>,
  { isGone = false } = {},
) {
  const queries = useQueryClient();
  const [orders] = useState(() => new Orders());
  return useMutation({
    mutationFn: (wish: Wish) => send(wish, orders.headersFor(wish)),
    onSuccess: (_answer, wish) => {
      orders.answered(wish);
      return queries.invalidateQueries({ queryKey: [ADMIN], refetchType: isGone ? "none" : "active" });
    },
  });
}
