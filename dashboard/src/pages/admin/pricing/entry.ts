import { t } from "@lingui/core/macro";
import { formatUsd, fromNanos, parseUsd, toNanos } from "@/kit/money";
import { DECIMAL, formatCount } from "@/kit/numbers";
import { isOptionalWhole, orNull, parseWhole } from "../parts/rules";
import { ABILITIES, type Ability } from "./abilities";
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

const LABELS: Record<string, string | undefined> = {
  input_usd_per_1m: t`Input`,
  output_usd_per_1m: t`Output`,
  request_usd: t`Each request`,
  ...Object.fromEntries(Object.entries(CLASSES).map(([field, { label }]) => [field, label])),
};

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

/** Those of a service tier, with its own for longer prompts. */
export interface TypedServiceTier extends TypedRates {
  name: string;
  tiers: TypedTier[];
  set?: ServiceTier;
}

const NO_RATES: TypedRates = { input_usd_per_1m: "", output_usd_per_1m: "", cached_input_usd_per_1m: "" };
export const NO_TIER: TypedTier = { ...NO_RATES, above_prompt_tokens: "" };
export const NO_SERVICE_TIER: TypedServiceTier = { ...NO_RATES, name: "", tiers: [] };

/** A price as it is typed. Empty is none of its own. */
export type Typed = Record<(typeof SIDES)[number] | ClassField, string> & {
  request_usd: string;
  context_tokens: string;
  max_output_tokens: string;
  source: string;
  dated: string;
  tiers: TypedTier[];
  service_tiers: TypedServiceTier[];
} & Record<Ability, string[]>;

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
  input_modalities: [],
  output_modalities: [],
  supported_parameters: [],
};

const TIER_NAME = /^[a-z][a-z0-9_]{0,31}$/; // as the API takes it
const STANDARD_TIERS = ["default", "standard", "auto"];
const FEATURES = ["search", "audio_input", "audio_output", "image_output", "cache_write_1h"]; // priced by these names

/** A rule for the form: what is wrong with the name of a service tier, of all that are typed. */
export function isTierName(typed: string, tiers: readonly TypedServiceTier[]): string | null {
  const wanted = typed.trim();
  if (!TIER_NAME.test(wanted)) {
    return t`Write up to 32 small letters, digits or underscores, as answers name it.`;
  }
  if (STANDARD_TIERS.includes(wanted)) return t`The standard tier is called so: it costs what is set above.`;
  if (FEATURES.includes(wanted)) return t`Something else is priced by this name. Write another.`;
  return tiers.filter(({ name }) => name.trim() === wanted).length > 1 ? t`Another one is called so.` : null;
}

/** A rule for the form: what is wrong with where a tier of longer prompts begins, of all that are typed. */
export function isTierStart(typed: string, tiers: readonly TypedTier[]): string | null {
  if (typed.trim() === "") return t`Write how many tokens.`;
  const begin = parseWhole(typed);
  return (
    isOptionalWhole(typed) ??
    (tiers.filter((tier) => parseWhole(tier.above_prompt_tokens) === begin).length > 1
      ? t`Another tier begins there.`
      : null)
  );
}

/** Where the form has what the API calls `param`, which knows tiers by their order, and service tiers by their names. */
export function placeOf(
  param: string,
  { tiers, service_tiers }: Pick<Typed, "tiers" | "service_tiers">,
): string {
  const [, order, ofLonger] = /^tiers\[(\d+)\]\.(\w+)$/.exec(param) ?? [];
  const longer = order === undefined ? undefined : inOrder(tiers)[Number(order)];
  if (longer !== undefined) return `tiers.${tiers.indexOf(longer)}.${ofLonger}`;
  const [, named, rest] = /^service_tiers\.(\w+)\.(.+)$/.exec(param) ?? [];
  const row = service_tiers.findIndex(({ name }) => name.trim() === named);
  const service = service_tiers[row];
  if (service === undefined || rest === undefined) return param;
  return `service_tiers.${row}.${placeOf(rest, { tiers: service.tiers, service_tiers: [] })}`;
}

/** The tiers as the API takes them: the shortest prompts first. */
function inOrder(tiers: readonly TypedTier[]): TypedTier[] {
  const begin = (tier: TypedTier) => parseWhole(tier.above_prompt_tokens) ?? 0;
  return tiers.toSorted((a, b) => begin(a) - begin(b));
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
    tiers: typedTiers(set.tiers),
    service_tiers: Object.entries(set.service_tiers ?? {}).map(([name, tier]) => ({
      name,
      ...typedRates(tier),
      tiers: typedTiers(tier.tiers),
      set: tier,
    })),
    ...fromEach(ABILITIES, (ability) => set[ability] ?? []),
  };
}

function typedTiers(set: readonly LengthTier[] | null | undefined): TypedTier[] {
  return (set ?? []).map((tier) => ({
    above_prompt_tokens: String(tier.above_prompt_tokens),
    ...typedRates(tier),
    set: tier,
  }));
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
    tiers: toTiers(typed.tiers),
    service_tiers:
      typed.service_tiers.length === 0
        ? null
        : Object.fromEntries(
            typed.service_tiers.map((tier) => [
              tier.name.trim(),
              { ...tier.set, ...toRates(tier), tiers: toTiers(tier.tiers) ?? undefined },
            ]),
          ),
    ...fromEach(ABILITIES, (ability) => (typed[ability].length === 0 ? null : typed[ability])),
  };
}

function toTiers(typed: readonly TypedTier[]): LengthTier[] | null {
  if (typed.length === 0) return null;
  return inOrder(typed).map((tier) => ({
    ...tier.set,
    above_prompt_tokens: parseWhole(tier.above_prompt_tokens) ?? 0,
    ...toRates(tier),
  }));
}

function fromEach<Name extends string, Value>(names: readonly Name[], read: (name: Name) => Value) {
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, Value>;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whether it is a day, such as `2026-11-12`. */
export function isDay(text: string): boolean {
  return DAY.test(text) && new Date(text).toJSON()?.slice(0, 10) === text;
}

/** A rule for the form: what is wrong with the day of a price. Words that were set before may stay. */
export function isDated(typed: string, set: string | null | undefined): string | null {
  const text = typed.trim();
  return text === "" || text === set || isDay(text) ? null : t`Write a day, such as 2026-11-12.`;
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
  return fromNanos(count * 100_000_000n)
    .replace(/\.?0+$/, "")
    .replace(".", DECIMAL);
}

/** What would move tenfold, of the API's refusal of it and the field that it names, as the form calls it. */
export function sayJump(words: string, field: string): string {
  const [, before, after] = / would go from (\S+) to (\S+), /.exec(words) ?? [];
  if (before === undefined || after === undefined) return words;
  const [from, to] = [formatUsd(before, { exact: true }), formatUsd(after, { exact: true })];
  return t`${{ what: sayField(field) }} would go from ${from} to ${to}.`;
}

/** A field of the API in words, and in which tier it is: `service_tiers.flex.tiers[above 200000].input_usd_per_1m`. */
function sayField(path: string): string {
  const [, service] = /service_tiers\.(\w+)\./.exec(path) ?? [];
  const [, above] = /tiers\[above (\d+)\]/.exec(path) ?? [];
  const [, tool] = /^tools_usd\.(.+)$/.exec(path) ?? []; // it may have a point
  const name = tool ?? path.slice(path.lastIndexOf(".") + 1);
  return [
    LABELS[name] ?? name.replace(/_usd(_per_1m)?$/, "").replaceAll("_", " "),
    service !== undefined && t`Service tier ${{ name: service }}`,
    above !== undefined && t`Above ${{ abovePromptTokens: formatCount(Number(above)) }} tokens`,
  ]
    .filter((part) => part !== false)
    .join(", ");
}
