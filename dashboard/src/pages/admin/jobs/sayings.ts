import { plural, t } from "@lingui/core/macro";
import type { Fact } from "@/kit/Facts";
import { formatUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";

export interface Job {
  name: string;
  every_s: number;
  ran_at: string | null;
  /** What it did, which each job says in its own way. */
  done: unknown;
}

/** What the jobs are for. One that is not here is shown by its name. */
export const WHAT: Record<string, { title: string; lead: string } | undefined> = {
  "sweep-leases": {
    title: t`Sweep leases`,
    lead: t`Settles what instances left behind, and returns the rest to wallets.`,
  },
  "check-upstreams": { title: t`Check upstreams`, lead: t`Asks each one whether it is there, and how soon.` },
  "auto-recharge": { title: t`Auto-recharge`, lead: t`Tops up wallets that fell below their threshold.` },
  "reset-budgets": {
    title: t`Monthly plan credit`,
    lead: t`Grants this month's credit, and takes out what lapsed.`,
  },
  "forget-usage": {
    title: t`Old requests`,
    lead: t`Deletes the records of requests that are to be kept no longer; statistics and transactions stay.`,
  },
  "roll-up-days": {
    title: t`Daily totals`,
    lead: t`Keeps the totals of all accounts for each day that is over.`,
  },
  "send-alerts": { title: t`Alerts`, lead: t`Tells people that their balance or budget runs low.` },
};

const USD = /^-?\d+(\.\d{1,9})?$/;
const LATE_AFTER = 5; // times its interval: a scheduler may pause, and restarts take a moment

export function isLate(job: Job, now: number): boolean {
  return job.ran_at === null || now - Date.parse(job.ran_at) > job.every_s * 1000 * LATE_AFTER;
}

export function sayEvery(seconds: number): string {
  const minutes = seconds / 60;
  const hours = minutes / 60;
  const days = hours / 24;
  if (Number.isInteger(days)) return plural(days, { one: "every day", other: "every # days" });
  if (Number.isInteger(hours)) return plural(hours, { one: "every hour", other: "every # hours" });
  if (Number.isInteger(minutes)) return plural(minutes, { one: "every minute", other: "every # minutes" });
  return plural(seconds, { one: "every second", other: "every # seconds" });
}

/** What a job did, as facts: its counts by name, and of lists how many. */
export function sayDone(done: unknown): Fact[] {
  if (typeof done !== "object" || done === null || Array.isArray(done)) return [];
  return Object.entries(done).map(([name, value]) =>
    name.endsWith("_usd") && typeof value === "string" && USD.test(value)
      ? [t`${{ name: sayName(name.slice(0, -"_usd".length)) }} in all`, formatUsd(value)]
      : [sayName(name), sayValue(value)],
  );
}

function sayName(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sayValue(value: unknown): string {
  if (typeof value === "number") return formatCount(value);
  if (typeof value === "boolean") return value ? t`Yes` : t`No`;
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return t`None`;
  if (Array.isArray(value)) return formatCount(value.length);
  return Object.entries(value)
    .map(([name, each]) => `${sayName(name)}: ${sayValue(each)}`)
    .join(", ");
}
