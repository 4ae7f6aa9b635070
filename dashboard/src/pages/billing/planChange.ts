import type { Wallet } from "@/data/wallet";
import { compareUsd, fromNanos, toNanos } from "@/kit/money";
import type { Plan } from "./useOffer";

export type Subscription = NonNullable<Wallet["subscription"]>;
export type Interval = "month" | "year";

/** What a change of plan comes to, before coupons and tax, which the provider knows alone. */
export interface PlanChange {
  /** What is charged today, for all seats; `null` where that cannot be told from here. */
  todayUsd: string | null;
  /** When the new plan's terms hold: at once, or from a moment on. */
  from: "now" | string;
  /** What is charged from the next renewal on, for all seats. */
  thenUsd: string;
  /** When that is first charged. */
  nextAt: string;
}

/** The price of an interval of a plan; `null` where it is not sold so. */
export function priceOf(plan: Plan, interval: Interval): string | null {
  return interval === "month" ? plan.price_usd : plan.yearly_price_usd;
}

/**
 * What becomes of a subscription that runs. A dearer plan holds at once, for the difference of what is left of the
 * period; a cheaper one, or a month in place of a year, with the next period. While it is free nothing is charged.
 */
export function changeOf(
  { price_usd, currency, seats, interval, renews_at, ends_at, trial_ends_at, status }: Subscription,
  plan: Plan,
  wanted: Interval,
  now: number = Date.now(),
): PlanChange | null {
  const price = priceOf(plan, wanted);
  const periodEndsAt = renews_at ?? ends_at;
  if (price === null || periodEndsAt === null) return null;
  const thenUsd = times(price, seats);
  if (status === "trialing") {
    return { todayUsd: "0.00", from: "now", thenUsd, nextAt: trial_ends_at ?? periodEndsAt };
  }
  const isKnown = price_usd !== null && currency === "usd" && interval !== "other";
  if (!isKnown) return { todayUsd: null, from: "now", thenUsd, nextAt: periodEndsAt };
  const rest = leftOf(periodEndsAt, interval, now);
  if (wanted === "year" && interval === "month") {
    const todayUsd = minus(thenUsd, share(times(price_usd, seats), rest));
    return { todayUsd, from: "now", thenUsd, nextAt: yearAfter(now) };
  }
  if (compareUsd(price, price_usd) <= 0 || wanted !== interval) {
    return { todayUsd: "0.00", from: periodEndsAt, thenUsd, nextAt: periodEndsAt };
  }
  const todayUsd = share(minus(thenUsd, times(price_usd, seats)), rest);
  return { todayUsd, from: "now", thenUsd, nextAt: periodEndsAt };
}

/** How much of a period is left, in millionths. */
function leftOf(endsAt: string, interval: Interval, now: number): bigint {
  const end = new Date(endsAt);
  const begin = new Date(end);
  if (interval === "month") begin.setUTCMonth(begin.getUTCMonth() - 1);
  else begin.setUTCFullYear(begin.getUTCFullYear() - 1);
  const left = (end.getTime() - now) / (end.getTime() - begin.getTime());
  return BigInt(Math.round(Math.min(1, Math.max(0, left)) * 1_000_000));
}

/** To the cent, as cards are charged. */
function share(usd: string, millionths: bigint): string {
  const cent = 10_000_000n;
  const nanos = (toNanos(usd) * millionths) / 1_000_000n;
  return fromNanos(((nanos + cent / 2n) / cent) * cent);
}

function yearAfter(now: number): string {
  const at = new Date(now);
  at.setUTCFullYear(at.getUTCFullYear() + 1);
  return at.toISOString();
}

const times = (usd: string, seats: number) => fromNanos(toNanos(usd) * BigInt(seats));
const minus = (a: string, b: string) => fromNanos(toNanos(a) - toNanos(b));
