import type { UsageRecord } from "@/data/usage";
import type { Order } from "../view";
import type { ColumnId } from "./columnIds";
import { COLUMNS } from "./columns";

/** The column of an order, and whether the largest comes first. */
export function columnOf(order: Order): { id: ColumnId; isDown: boolean } {
  return order.startsWith("-")
    ? { id: order.slice(1) as ColumnId, isDown: false }
    : { id: order as ColumnId, isDown: true };
}

/** The order after a click on a column's head: the largest first, the smallest first, and as it was: newest first. */
export function nextOrder(order: Order | null, id: ColumnId): Order | null {
  if (order === id) return `-${id}`;
  return order === `-${id}` ? null : id;
}

/** Requests in an order; what is not known of some comes last either way. */
export function sorted(
  requests: UsageRecord[],
  order: Order | null,
  keyName: (id: string) => string,
): UsageRecord[] {
  if (order === null) return requests;
  const { id, isDown } = columnOf(order);
  const keyed = requests.map((request) => ({ request, by: COLUMNS[id].by(request, keyName) }));
  keyed.sort((a, b) => {
    if (a.by === null || b.by === null) return Number(a.by === null) - Number(b.by === null);
    const first = a.by < b.by ? -1 : a.by > b.by ? 1 : 0;
    return isDown ? -first : first;
  });
  return keyed.map(({ request }) => request);
}
