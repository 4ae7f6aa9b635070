import { t } from "@lingui/core/macro";
import { formatCount, formatShare } from "@/kit/numbers";

const HARDLY = 0.0005;
const TOO_MANY_TIMES = 10;

interface Words {
  more: (share: string) => string;
  less: (share: string) => string;
  same: string;
  times: (times: string) => string;
}

export const AMOUNT: Words = {
  more: (share) => t`${share} more`,
  less: (share) => t`${share} less`,
  same: t`as much`,
  times: (times) => t`${times} times as much`,
};

export const DURATION: Words = {
  more: (share) => t`${share} longer`,
  less: (share) => t`${share} shorter`,
  same: t`as long`,
  times: (times) => t`${times} times as long`,
};

/** How a figure stands against the one before: `12.5% more`, `3% less`, `as much`; nothing where none was before. */
export function changeOf(now: number, before: number, words: Words = AMOUNT): string | null {
  if (before <= 0) return null;
  const change = now / before - 1;
  if (Math.abs(change) < HARDLY) return words.same;
  if (change > TOO_MANY_TIMES) return words.times(formatCount(Math.round(now / before)));
  const share = formatShare(Math.abs(change));
  return change > 0 ? words.more(share) : words.less(share);
}

/** Whether it is `as much as` and not `more than`. */
export function isLike(now: number, before: number): boolean {
  const change = now / before - 1;
  return Math.abs(change) < HARDLY || change > TOO_MANY_TIMES;
}
