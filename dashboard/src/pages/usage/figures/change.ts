import { t } from "@lingui/core/macro";
import { formatCount, formatShare } from "@/kit/numbers";

const HARDLY = 0.0005;
const TOO_MANY_TIMES = 10;

/** How a figure stands against the one before: `12.5% more`, `3% less`, `as much`; nothing where none was before. */
export function changeOf(now: number, before: number): string | null {
  if (before <= 0) return null;
  const change = now / before - 1;
  if (Math.abs(change) < HARDLY) return t`as much`;
  if (change > TOO_MANY_TIMES) return t`${{ times: formatCount(Math.round(now / before)) }} times as much`;
  const share = formatShare(Math.abs(change));
  return change > 0 ? t`${share} more` : t`${share} less`;
}

/** Whether it is `as much as` and not `more than`. */
export function isLike(now: number, before: number): boolean {
  const change = now / before - 1;
  return Math.abs(change) < HARDLY || change > TOO_MANY_TIMES;
}
