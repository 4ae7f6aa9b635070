import { t } from "@lingui/core/macro";
import { fromNanos, parseUsd, toNanos } from "@/kit/money";
import { orNull, parseWhole } from "../parts/rules";
import type { PriceAsSet } from "./prices";

/** The classes of tokens, by their fields; one without a price of its own costs what its side costs. */
export const SIDES = ["input_usd_per_1m", "output_usd_per_1m"] as const;
export const CLASSES = {
  cached_input_usd_per_1m: { label: t`Cached input`, side: "input_usd_per_1m" },
  cache_write_usd_per_1m: { label: t`Cache writes`, side: "input_usd_per_1m" },
  audio_input_usd_per_1m: { label: t`Audio input`, side: "input_usd_per_1m" },
  reasoning_usd_per_1m: { label: t`Reasoning`, side: "output_usd_per_1m" },
  audio_output_usd_per_1m: { label: t`Audio output`, side: "output_usd_per_1m" },
} as const;

export type ClassField = keyof typeof CLASSES;
export const CLASS_FIELDS = Object.keys(CLASSES) as ClassField[];

type LengthTier = NonNullable<PriceAsSet["tiers"]>[number];
type ServiceTier = NonNullable<PriceAsSet["service_tiers"]>[string];

/** Rates beside a price's own, as they are typed. Their other classes stay as they were set. */
interface TypedRates {
  input_usd_per_1m: string;
  output_usd_per_1m: string;
  cached_input_usd_per_1m: string;
}

/** Those of longer prompts. */
export interface TypedTier extends TypedRates {
  above_prompt_tokens: string;
  set?: LengthTier;
}

/** Those of a service tier. What it has of its own for longer prompts stays as it was set. */
export interface TypedServiceTier extends TypedRates {
  name: string;
  set?: ServiceTier;
}

export const NO_RATES: TypedRates = {
  input_usd_per_1m: "",
  output_usd_per_1m: "",
  cached_input_usd_per_1m: "",
};

/** A price as it is typed. Empty is none of its own. */
export type Typed = Record<(typeof SIDES)[number] | ClassField, string> & {
  request_usd: string;
  context_tokens: string;
  max_output_tokens: string;
  source: string;
  dated: string;
  tiers: TypedTier[];
  service_tiers: TypedServiceTier[];
};

const NOTHING: Typed = {
  input_usd_per_1m: "",
  output_usd_per_1m: "",
  cached_input_usd_per_1m: "",
  cache_write_usd_per_1m: "",
  audio_input_usd_per_1m: "",
  reasoning_usd_per_1m: "",
  audio_output_usd_per_1m: "",
  request_usd: "",
  context_tokens: "",
  max_output_tokens: "",
  source: "",
  dated: "",
  tiers: [],
  service_tiers: [],
};

const TIER_NAME = /^[a-z][a-z0-9_]{0,31}$/; // as the API takes it

/** A rule for the form: what is wrong with the name of a service tier. */
export function isTierName(typed: string): string | null {
  return TIER_NAME.test(typed.trim())
    ? null
    : t`Write up to 32 small letters, digits or underscores, as answers name it.`;
}

/** A price to change, or an empty one. What follows from another price of it is left to follow. */
export function typedFrom(set: PriceAsSet | undefined): Typed {
  if (set === undefined) return { ...NOTHING };
  const own = CLASS_FIELDS.map((field) => [field, set[field] ?? ""]);
  return {
    ...(Object.fromEntries(own) as Record<ClassField, string>),
    input_usd_per_1m: set.input_usd_per_1m,
    output_usd_per_1m: set.output_usd_per_1m,
    request_usd: set.request_usd == null || toNanos(set.request_usd) === 0n ? "" : set.request_usd,
    context_tokens: String(set.context_tokens ?? ""),
    max_output_tokens: String(set.max_output_tokens ?? ""),
    source: set.source ?? "",
    dated: set.dated ?? "",
    tiers: (set.tiers ?? []).map((tier) => ({
      above_prompt_tokens: String(tier.above_prompt_tokens),
      ...typedRates(tier),
      set: tier,
    })),
    service_tiers: Object.entries(set.service_tiers ?? {}).map(([name, tier]) => ({
      name,
      ...typedRates(tier),
      set: tier,
    })),
  };
}

function typedRates(set: LengthTier | ServiceTier): TypedRates {
  const { input_usd_per_1m, output_usd_per_1m, cached_input_usd_per_1m } = set;
  return { input_usd_per_1m, output_usd_per_1m, cached_input_usd_per_1m: cached_input_usd_per_1m ?? "" };
}

function toRates(typed: TypedRates) {
  return {
    input_usd_per_1m: parseUsd(typed.input_usd_per_1m) ?? "",
    output_usd_per_1m: parseUsd(typed.output_usd_per_1m) ?? "",
    cached_input_usd_per_1m: parseUsd(typed.cached_input_usd_per_1m) ?? undefined, // it follows, then
  };
}

/** The entry that the API takes. What was typed has passed the form's rules; what the form does not show stays as it
 * was set. */
export function toEntry(typed: Typed, set?: PriceAsSet): PriceAsSet {
  const own = CLASS_FIELDS.map((field) => [field, parseUsd(typed[field])]);
  return {
    ...set,
    ...(Object.fromEntries(own) as Record<ClassField, string | null>),
    input_usd_per_1m: parseUsd(typed.input_usd_per_1m) ?? "",
    output_usd_per_1m: parseUsd(typed.output_usd_per_1m) ?? "",
    request_usd: parseUsd(typed.request_usd),
    context_tokens: parseWhole(typed.context_tokens),
    max_output_tokens: parseWhole(typed.max_output_tokens),
    source: orNull(typed.source),
    dated: orNull(typed.dated),
    tiers: typed.tiers.length === 0 ? null : sortedTiers(typed.tiers),
    service_tiers:
      typed.service_tiers.length === 0
        ? null
        : Object.fromEntries(
            typed.service_tiers.map((tier) => [tier.name.trim(), { ...tier.set, ...toRates(tier) }]),
          ),
  };
}

/** The tiers as the API takes them: the shortest prompts first. */
function sortedTiers(typed: TypedTier[]): NonNullable<PriceAsSet["tiers"]> {
  return typed
    .map((tier) => ({
      ...tier.set,
      above_prompt_tokens: parseWhole(tier.above_prompt_tokens) ?? 0,
      ...toRates(tier),
    }))
    .sort((a, b) => a.above_prompt_tokens - b.above_prompt_tokens);
}

/** How an amount moved, in words: `+20%`, `-5%`, `12.5 times as much`; `null` where it stayed or was or is nothing. */
export function sayMove(before: string, after: string): string | null {
  const [then, now] = [toNanos(before), toNanos(after)];
  if (then === now || then === 0n || now === 0n) return null;
  if (now >= 3n * then) return t`${{ now: tenths((now * 10n) / then) }} times as much`;
  const perMille = ((now - then) * 1000n) / then;
  if (perMille === 0n) return now > then ? t`a little more` : t`a little less`;
  return `${perMille > 0n ? "+" : "\u2212"}${tenths(perMille < 0n ? -perMille : perMille)}%`;
}

/** Tenths as a decimal: `125n` is `12.5`. */
function tenths(count: bigint): string {
  return fromNanos(count * 100_000_000n).replace(/\.?0+$/, "");
}
