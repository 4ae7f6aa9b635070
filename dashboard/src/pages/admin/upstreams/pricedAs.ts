/** The entry of the price list that a model of an upstream counts for: its own, the one that the upstream names for it,
 * or the longest pattern that stands for that. */
export function priceOf<P extends { model: string }>(
  name: string,
  pricedAs: Record<string, string> | null | undefined,
  prices: P[],
): P | undefined {
  const entry = pricedAs?.[name] ?? name;
  const [nearest] = prices
    .filter(({ model }) => model === entry || standsFor(model, entry))
    .sort((a, b) => Number(b.model === entry) - Number(a.model === entry) || byLength(a.model, b.model));
  return nearest;
}

function standsFor(pattern: string, name: string): boolean {
  const [start = "", end] = pattern.split("*");
  return (
    end !== undefined &&
    name.length > start.length + end.length &&
    name.startsWith(start) &&
    name.endsWith(end)
  );
}

/** The longest pattern first, and of two as long the one that begins longer. */
function byLength(a: string, b: string): number {
  return b.length - a.length || b.indexOf("*") - a.indexOf("*");
}
