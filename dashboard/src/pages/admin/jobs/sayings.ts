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
    title: t`What is kept no longer`,
    lead: t`Deletes the records of requests once their time is over, and whatever else has expired where the database does not do so itself: sessions, links, answers kept for retries. Statistics and transactions stay.`,
  },
  "roll-up-days": {
    title: t`Daily totals`,
    lead: t`Keeps the totals of all accounts for each day that is over.`,
  },
  "send-alerts": { title: t`Alerts`, lead: t`Tells people that their balance or budget runs low.` },
};

/** What jobs count, by the names that the API gives it. Any other is told by that name. */
const NAMES: Record<string, string | undefined> = {
  authorizations: t`Authorizations`,
  before: t`Before`,
  called_about: t`Called about`,
  closed: t`Closed`,
  complete: t`Complete`,
  considered: t`Considered`,
  days: t`Days`,
  declined: t`Declined`,
  delivered: t`Delivered`,
  duplicates: t`Duplicates`,
  expired: t`Expired`,
  failed: t`Failed`,
  given_up: t`Given up`,
  granted: t`Granted`,
  late: t`Charged late`,
  leases: t`Leases`,
  lost: t`Lost`,
  months_begun: t`Months begun`,
  paid: t`Paid`,
  pending: t`Pending`,
  plans_changed: t`Plans changed`,
  raised: t`Raised`,
  records: t`Records`,
  requests: t`Requests`,
  subscriptions: t`Subscriptions`,
  until: t`Until`,
  upstreams: t`Upstreams`,
  users: t`Users`,
  wallets: t`Wallets`,
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

/** What a job did, as facts: its counts by name, of lists how many, and of what it did in parts each part's. */
export function sayDone(done: unknown, within = ""): Fact[] {
  if (!isParts(done)) return [];
  return Object.entries(done).flatMap(([key, value]): Fact[] => {
    const isAmount = key.endsWith("_usd") && typeof value === "string" && USD.test(value);
    const own = sayName(isAmount ? key.slice(0, -"_usd".length) : key);
    const name = within === "" ? own : `${within} · ${own}`;
    if (isParts(value)) return sayDone(value, name);
    return [isAmount ? [t`${name} in all`, formatUsd(value)] : [name, sayValue(value)]];
  });
}

function isParts(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sayName(name: string): string {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sayValue(value: unknown): string {
  if (typeof value === "number") return formatCount(value);
  if (typeof value === "boolean") return value ? t`Yes` : t`No`;
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return t`None`;
  return Array.isArray(value) ? formatCount(value.length) : String(value);
}
