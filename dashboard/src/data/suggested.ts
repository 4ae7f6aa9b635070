import { compareUsd } from "@/kit/money";
import { makerOf } from "./makers";
import { isChatModel, isPattern } from "./modelKinds";
import type { Model } from "./models";

/** Which models somebody begins with who has chosen none: by rules that name no version, so that they age well. */

/** The models that a key may ask, and that are offered. */
export function usableModels(allowed: string[] | null, offered: Model[]): Model[] {
  return offered.filter((model) => (allowed === null || allowed.includes(model.id)) && !isPattern(model));
}

/**
 * The model of a first request: of those that can answer, the one most asked here. Where nobody has asked enough to tell,
 * the one in the middle by the price of its answers, among those that call tools if any is known to: neither the dearest
 * nor one that can do little. `null` where there is none; what makes embeddings only where nothing answers.
 */
export function suggestedModel(usable: Model[], rankOf: (model: string) => number | null): Model | null {
  const answering = usable.filter((model) => isChatModel(model) && writesText(model));
  const ranked = answering
    .flatMap((model) => ({ model, rank: rankOf(model.id) ?? Number.POSITIVE_INFINITY }))
    .filter(({ rank }) => Number.isFinite(rank))
    .sort((a, b) => a.rank - b.rank);
  if (ranked[0] !== undefined) return ranked[0].model;
  const withTools = answering.filter(({ supported_parameters }) => supported_parameters?.includes("tools"));
  const candidates = withTools.length > 0 ? withTools : answering;
  const byPrice = candidates.sort(
    (a, b) => compareUsd(a.pricing.output_usd_per_1m, b.pricing.output_usd_per_1m) || (a.id < b.id ? -1 : 1),
  );
  return byPrice[Math.floor((byPrice.length - 1) / 2)] ?? usable[0] ?? null;
}

function writesText({ architecture }: Model): boolean {
  return architecture.output_modalities.includes("text");
}

/** Models of Anthropic's: the one to ask, and those that Claude Code asks by their size. */
export interface ClaudeModels {
  main: string;
  opus: string;
  sonnet: string;
  haiku: string;
}

const SIZES = ["sonnet", "opus", "haiku"] as const; // the one to ask first

/** The newest Claude of each size, or in place of a size that there is not, the one to ask; nothing without any. */
export function claudeModels(usable: Model[]): ClaudeModels | undefined {
  const all = usable.map(({ id }) => id).filter((id) => makerOf(id) === "Anthropic");
  const newest = (size: string) =>
    all.filter((id) => id.toLowerCase().includes(size)).sort((a, b) => -compareAge(a, b))[0];
  const [sonnet, opus, haiku] = SIZES.map(newest);
  const main = sonnet ?? opus ?? haiku ?? newest("");
  if (main === undefined) return undefined;
  return { main, opus: opus ?? main, sonnet: sonnet ?? main, haiku: haiku ?? main };
}

const LONGEST_VERSION = 2; // digits: longer numbers are dates

/** Negative where `a` is older than `b`: by their versions, such as 4.5 in `claude-sonnet-4-5`, and then by their dates. What
 * bears no date is a name for the newest. */
function compareAge(a: string, b: string): number {
  const [one, two] = [ageOf(a), ageOf(b)];
  for (let place = 0; place < Math.max(one.version.length, two.version.length); place++) {
    const difference = (one.version[place] ?? 0) - (two.version[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.date - two.date || (a < b ? 1 : -1);
}

function ageOf(id: string): { version: number[]; date: number } {
  const own = id.slice(id.toLowerCase().indexOf("claude")).replace(/-v\d+(:\d+)?$/, ""); // the end is Bedrock's own version
  const numbers = own.match(/\d+/g) ?? [];
  const dates = numbers.filter((number) => number.length > LONGEST_VERSION);
  return {
    version: numbers.filter((number) => number.length <= LONGEST_VERSION).map(Number),
    date: dates.length === 0 ? Number.POSITIVE_INFINITY : Number(dates[0]),
  };
}
