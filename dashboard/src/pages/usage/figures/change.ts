import { formatShare } from "@/kit/numbers";

const HARDLY = 0.0005;
const TOO_MANY_TIMES = 10;

/** How a figure stands against the one before: `12.5% more`, `3% less`, `as much`; nothing where none was before. */
export function changeOf(now: number, before: number): string | null {
  if (before <= 0) return null;
  const change = now / before - 1;
  if (Math.abs(change) < HARDLY) return "as much";
  if (change > TOO_MANY_TIMES) return `${Math.round(now / before)} times as much`;
  return `${formatShare(Math.abs(change))} ${change > 0 ? "more" : "less"}`;
}
