import type { Schema } from "@/api/transport";
import type { Key } from "@/data/keys";
import { parseUsd } from "@/kit/money";
import { dayOf, endOfDay } from "@/kit/zoned";

/** A key's terms as a form holds them. What is empty is no limit. */
export interface Terms {
  name: string;
  models: string[];
  monthly_budget_usd: string;
  rpm: number | string;
  tpm: number | string;
  rpd: number | string;
  /** The last calendar day, in the person's zone, on which it works. */
  expires_on: string | null;
}

export const NO_TERMS: Terms = {
  name: "",
  models: [],
  monthly_budget_usd: "",
  rpm: "",
  tpm: "",
  rpd: "",
  expires_on: null,
};

/** What is wrong with what is written, by field. */
export const RULES = {
  name: (name: string) => (name.trim() === "" ? "Write a name, so that you can tell your keys apart." : null),
  monthly_budget_usd: (typed: string) =>
    typed.trim() !== "" && parseUsd(typed) === null ? "Write an amount in dollars, like 25 or 4.99." : null,
};

/** The terms as the API takes them. */
export function toBody(terms: Terms, zone: string): Schema<"NewKey"> {
  return {
    name: terms.name.trim(),
    models: terms.models.length === 0 ? null : terms.models,
    monthly_budget_usd: parseUsd(terms.monthly_budget_usd),
    rpm: whole(terms.rpm),
    tpm: whole(terms.tpm),
    rpd: whole(terms.rpd),
    expires_at: terms.expires_on === null ? null : endOfDay(terms.expires_on, zone),
  };
}

/** A key's terms, to be changed. */
export function fromKey(key: Key, zone: string): Terms {
  return {
    name: key.name,
    models: key.models ?? [],
    monthly_budget_usd: key.monthly_budget_usd ?? "",
    rpm: key.rpm ?? "",
    tpm: key.tpm ?? "",
    rpd: key.rpd ?? "",
    expires_on: key.expires_at === null ? null : lastDay(key.expires_at, zone),
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
