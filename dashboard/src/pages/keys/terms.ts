import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/transport";
import type { Key } from "@/data/keys";
import { parseUsd } from "@/kit/money";
import { dayOf, endOfDay } from "@/kit/zoned";

export type Scope = Key["scopes"][number];

/** The budgets of a key, by their fields. */
export const BUDGETS = [
  { field: "monthly_budget_usd", label: t`Monthly budget` },
  { field: "daily_budget_usd", label: t`Daily budget` },
  { field: "weekly_budget_usd", label: t`Weekly budget` },
  { field: "total_budget_usd", label: t`Total budget` },
] as const;
type Budgets = Record<(typeof BUDGETS)[number]["field"], string>;

/** A key's terms as a form holds them. What is empty is no limit. */
export interface Terms extends Budgets {
  name: string;
  models: string[];
  rpm: number | string;
  tpm: number | string;
  rpd: number | string;
  /** The last calendar day, in the person's zone, on which it works. */
  expires_on: string | null;
  scopes: Scope[];
  allowed_ips: string[];
}

/** What a key belongs to from when it is made on. */
export interface Belonging {
  /** `member` or `service_account`, and its id: see `holderOf`. `null` is oneself. */
  holder: string | null;
  project: string | null;
}

export const NO_TERMS: Terms = {
  name: "",
  models: [],
  monthly_budget_usd: "",
  daily_budget_usd: "",
  weekly_budget_usd: "",
  total_budget_usd: "",
  rpm: "",
  tpm: "",
  rpd: "",
  expires_on: null,
  scopes: ["inference"],
  allowed_ips: [],
};

const isBudget = (typed: string) =>
  typed.trim() !== "" && parseUsd(typed) === null ? t`Write an amount in dollars, like 25 or 4.99.` : null;

/** What is wrong with what is written, by field. */
export const RULES = {
  name: (name: string) =>
    name.trim() === "" ? t`Write a name, so that you can tell your keys apart.` : null,
  monthly_budget_usd: isBudget,
  daily_budget_usd: isBudget,
  weekly_budget_usd: isBudget,
  total_budget_usd: isBudget,
  scopes: (scopes: Scope[]) => (scopes.length === 0 ? t`Choose at least one.` : null),
};

/** The terms as the API takes them. */
export function toBody(terms: Terms, zone: string): Schema<"NewKey"> {
  return {
    name: terms.name.trim(),
    models: noneIfEmpty(terms.models),
    monthly_budget_usd: parseUsd(terms.monthly_budget_usd),
    daily_budget_usd: parseUsd(terms.daily_budget_usd),
    weekly_budget_usd: parseUsd(terms.weekly_budget_usd),
    total_budget_usd: parseUsd(terms.total_budget_usd),
    rpm: whole(terms.rpm),
    tpm: whole(terms.tpm),
    rpd: whole(terms.rpd),
    expires_at: terms.expires_on === null ? null : endOfDay(terms.expires_on, zone),
    scopes: terms.scopes,
    allowed_ips: noneIfEmpty(terms.allowed_ips),
  };
}

/** What a new key belongs to, as the API takes it: `service_account:sva_1` is its holder. */
export function belongingOf({ holder, project }: Belonging): Partial<Schema<"NewKey">> {
  const [kind, id] = holder === null ? [] : holder.split(/:(.*)/s);
  return {
    ...(kind === "member" && { member: id }),
    ...(kind === "service_account" && { service_account: id }),
    ...(project !== null && { project }),
  };
}

/** A key's terms, to be changed. */
export function fromKey(key: Key, zone: string): Terms {
  return {
    name: key.name,
    models: key.models ?? [],
    monthly_budget_usd: key.monthly_budget_usd ?? "",
    daily_budget_usd: key.daily_budget_usd ?? "",
    weekly_budget_usd: key.weekly_budget_usd ?? "",
    total_budget_usd: key.total_budget_usd ?? "",
    rpm: key.rpm ?? "",
    tpm: key.tpm ?? "",
    rpd: key.rpd ?? "",
    expires_on: key.expires_at === null ? null : lastDay(key.expires_at, zone),
    scopes: key.scopes,
    allowed_ips: key.allowed_ips ?? [],
  };
}

/** What of a change differs from what holds: a limit that nobody touched is not sent again. */
export function changed(before: Schema<"NewKey">, after: Schema<"NewKey">): Partial<Schema<"NewKey">> {
  const names = Object.keys(after) as (keyof Schema<"NewKey">)[];
  const differs = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(differs.map((name) => [name, after[name]]));
}

/** The last day on which a key works that ends at a moment: midnight belongs to the day before. */
function lastDay(at: string, zone: string): string {
  return dayOf(new Date(Date.parse(at) - 1), zone);
}

function whole(value: number | string): number | null {
  return value === "" ? null : Number(value);
}

function noneIfEmpty(list: string[]): string[] | null {
  return list.length === 0 ? null : list;
}
