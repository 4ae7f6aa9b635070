import { fromNanos, toNanos } from "@/kit/money";
import { addDays } from "@/kit/zoned";

/** Where spending leads at the pace of the last whole days. Days are calendar days of the account's zone. */

export const PACE_DAYS = 7;
const FAR_DAYS = 365; // beyond these a pace says nothing

export interface Forecast {
  /** Spent this month, today included. */
  soFarUsd: string;
  paceUsd: string;
  monthEndUsd: string;
  /** The day on which the wallet is empty; `null`: not within a year, or nothing is spent. */
  emptyOn: string | null;
}

interface Day {
  name: string;
  cost_usd: string;
}

/** The first day that a forecast needs to know of. */
export function firstDayFor(today: string): string {
  const [first = today] = [`${today.slice(0, 7)}-01`, addDays(today, -PACE_DAYS)].sort();
  return first;
}

export function forecast(days: Day[], today: string, availableUsd: string): Forecast {
  const month = today.slice(0, 7);
  const paceFrom = addDays(today, -PACE_DAYS);
  const soFar = sum(days.filter(({ name }) => name.startsWith(month)));
  const pace = sum(days.filter(({ name }) => paceFrom <= name && name < today)) / BigInt(PACE_DAYS);
  const available = toNanos(availableUsd);
  const lasts = pace > 0n ? (available > 0n ? available / pace : 0n) : null;
  return {
    soFarUsd: fromNanos(soFar),
    paceUsd: fromNanos(pace),
    monthEndUsd: fromNanos(soFar + pace * BigInt(daysLeft(today))),
    emptyOn: lasts === null || lasts > BigInt(FAR_DAYS) ? null : addDays(today, Number(lasts)),
  };
}

/** Days of the month that are still to come. */
function daysLeft(today: string): number {
  const [year = 0, month = 0, day = 0] = today.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate() - day;
}

function sum(days: Day[]): bigint {
  return days.reduce((total, { cost_usd }) => total + toNanos(cost_usd), 0n);
}
