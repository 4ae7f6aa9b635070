import { t } from "@lingui/core/macro";
import type { Model } from "@/data/models";
import { fromNanos, toNanos } from "@/kit/money";

/** What a model costs the person who asks: list prices times their multiplier, in whole nano-USD. */

type Pricing = Model["pricing"];

export interface Rate {
  label: string;
  /** USD for a million tokens, or for one where `unit` says so. */
  usd: string;
  unit: string;
}

const MILLION = 1_000_000n;
const MULTIPLIER_PLACES = 4; // as the API writes it

/** A typical conversation: five questions of 200 tokens, answers of 400, and all that was said before read again. */
export const TALK = { questions: 5, read: 7_000, written: 2_000 };

/** What a typical conversation costs, rounded up to a nano-USD. */
export function talkUsd({ pricing }: Pick<Model, "pricing">): string {
  const tokens =
    toNanos(pricing.input_usd_per_1m) * BigInt(TALK.read) +
    toNanos(pricing.output_usd_per_1m) * BigInt(TALK.written);
  const requests = toNanos(pricing.request_usd) * BigInt(TALK.questions) * MILLION;
  return fromNanos(ceilDiv((tokens + requests) * factor(pricing), MILLION * ONE));
}

/** Requests that are alike: how many, and the tokens that each reads and writes. */
export interface Batch {
  requests: number;
  read: number;
  written: number;
}

/** What a batch costs at the rates of prompts of usual length: each of its requests rounded up to a nano-USD. */
export function batchUsd({ pricing }: Pick<Model, "pricing">, { requests, read, written }: Batch): string {
  const tokens =
    toNanos(pricing.input_usd_per_1m) * BigInt(read) + toNanos(pricing.output_usd_per_1m) * BigInt(written);
  const each = ceilDiv((tokens + toNanos(pricing.request_usd) * MILLION) * factor(pricing), MILLION * ONE);
  return fromNanos(each * BigInt(requests));
}

/** A list price as the person pays it, rounded to a nano-USD. */
export function paidUsd(usd: string, pricing: Pick<Pricing, "multiplier">): string {
  return fromNanos((toNanos(usd) * factor(pricing) + ONE / 2n) / ONE);
}

const CLASSES: [keyof Pricing & string, string][] = [
  ["input_usd_per_1m", t`Input`],
  ["cached_input_usd_per_1m", t`Cached input`],
  ["cache_write_usd_per_1m", t`Written to the cache`],
  ["image_input_usd_per_1m", t`Images read`],
  ["audio_input_usd_per_1m", t`Audio heard`],
  ["output_usd_per_1m", t`Output`],
  ["reasoning_usd_per_1m", t`Reasoning`],
  ["audio_output_usd_per_1m", t`Audio spoken`],
];

/** Every rate of a model. What costs as much as its side and needs no line of its own is left out: see `isNews`. */
export function rates({ pricing }: Pick<Model, "pricing">): Rate[] {
  const tokens = CLASSES.flatMap(([field, label]) => {
    const usd = pricing[field];
    return typeof usd === "string" && isNews(field, usd, pricing)
      ? [{ label, usd: paidUsd(usd, pricing), unit: t`a million tokens` }]
      : [];
  });
  const each = [
    { label: t`Each request`, usd: pricing.request_usd, unit: "" },
    { label: t`Each web search`, usd: pricing.search_usd, unit: "" },
  ].flatMap(({ label, usd, unit }) =>
    usd && toNanos(usd) > 0n ? [{ label, usd: paidUsd(usd, pricing), unit }] : [],
  );
  return [...tokens, ...each];
}

const PLAIN = new Set(["input_usd_per_1m", "output_usd_per_1m", "cached_input_usd_per_1m"]);
const WRITTEN = new Set(["reasoning_usd_per_1m", "audio_output_usd_per_1m"]);

function isNews(field: string, usd: string, pricing: Pricing): boolean {
  if (PLAIN.has(field)) return true;
  const side = WRITTEN.has(field) ? pricing.output_usd_per_1m : pricing.input_usd_per_1m;
  return toNanos(usd) !== toNanos(side);
}

const ONE = 10n ** BigInt(MULTIPLIER_PLACES);

function factor({ multiplier }: Pick<Pricing, "multiplier">): bigint {
  const [whole = "1", fraction = ""] = multiplier.split(".");
  return BigInt(whole + fraction.padEnd(MULTIPLIER_PLACES, "0").slice(0, MULTIPLIER_PLACES));
}

function ceilDiv(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}
