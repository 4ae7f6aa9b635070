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

/** What a tier of longer prompts costs, as it is typed. Its other classes stay as they were set. */
export interface TypedTier {
  above_prompt_tokens: string;
  input_usd_per_1m: string;
  output_usd_per_1m: string;
  set?: NonNullable<PriceAsSet["tiers"]>[number];
}

export const NO_TIER: TypedTier = { above_prompt_tokens: "", input_usd_per_1m: "", output_usd_per_1m: "" };

/** A price as it is typed. Empty is none of its own. */
export type Typed = Record<(typeof SIDES)[number] | ClassField, string> & {
  request_usd: string;
  context_tokens: string;
  max_output_tokens: string;
  source: string;
  dated: string;
  tiers: TypedTier[];
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
};

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
      input_usd_per_1m: tier.input_usd_per_1m,
      output_usd_per_1m: tier.output_usd_per_1m,
      set: tier,
    })),
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
  };
}

/** The tiers as the API takes them: the shortest prompts first. */
function sortedTiers(typed: TypedTier[]): NonNullable<PriceAsSet["tiers"]> {
  return typed
    .map(({ set, above_prompt_tokens, input_usd_per_1m, output_usd_per_1m }) => ({
      ...set,
      above_prompt_tokens: parseWhole(above_prompt_tokens) ?? 0,
      input_usd_per_1m: parseUsd(input_usd_per_1m) ?? "",
      output_usd_per_1m: parseUsd(output_usd_per_1m) ?? "",
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
