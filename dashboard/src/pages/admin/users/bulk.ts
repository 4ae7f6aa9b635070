/** How it stands with one of many that are changed together. */
export type Result = { state: "waiting" | "running" | "done" } | { state: "failed"; error: unknown };

const AT_ONCE = 3; // a change of a user is a transaction each, and people watch

/**
 * Change many, some at a time, and tell of each how it went. One that fails holds nobody up; those that are left when
 * `signal` aborts stay as they are.
 */
export async function changeEach<Item>(
  items: Item[],
  change: (item: Item) => Promise<unknown>,
  tell: (item: Item, result: Result) => void,
  signal?: AbortSignal,
): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined && !signal?.aborted; item = left.shift()) {
      tell(item, { state: "running" });
      try {
        await change(item);
        tell(item, { state: "done" });
      } catch (error) {
        tell(item, { state: "failed", error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Of very many no more than `most` are listed: who failed and who is on their way before all others. */
export function listed<Item>(
  items: Item[],
  resultOf: (item: Item) => Result | undefined,
  most: number,
): Item[] {
  if (items.length <= most) return items;
  const isTelling = (item: Item) => ["failed", "running"].includes(resultOf(item)?.state ?? "");
  return [...items.filter(isTelling), ...items.filter((item) => !isTelling(item))].slice(0, most);
}
