import { t } from "@lingui/core/macro";
import { makerOf } from "@/data/makers";
import { isChatModel } from "@/data/modelKinds";
import type { Model } from "@/data/models";
import { byName } from "@/kit/lists";
import { compareUsd } from "@/kit/money";
import { paidUsd } from "./cost";

/** By what models are narrowed beside their names, and how an address says so. */

export const USES = [
  { value: "chat", label: t`Chat` },
  { value: "embeddings", label: t`Embeddings` },
] as const;
export type Use = (typeof USES)[number]["value"];

export const READS = [
  { value: "text", label: t`Text` },
  { value: "image", label: t`Images` },
  { value: "file", label: t`Files` },
  { value: "audio", label: t`Audio` },
  { value: "video", label: t`Video` },
] as const;
export type Read = (typeof READS)[number]["value"];

export const ABILITIES = [
  { value: "tools", label: t`Tools`, parameter: "tools" },
  { value: "reasoning", label: t`Reasoning`, parameter: "reasoning" },
  { value: "structured", label: t`Structured output`, parameter: "structured_outputs" },
] as const;
export type Ability = (typeof ABILITIES)[number]["value"];

/** Whom models are made by whose names do not tell. */
export const UNKNOWN_MAKER = "other";

/** Tokens, as steps to choose from. */
export const CONTEXTS = [32_000, 128_000, 200_000, 1_000_000] as const;
/** USD a million tokens read, as steps to choose from. */
export const PRICES = ["0", "0.1", "0.5", "1", "3", "5"] as const;

export interface ModelFilters {
  use: Use | null;
  /** Each of them. */
  reads: Read[];
  /** Each of them. */
  can: Ability[];
  /** One of them. */
  makers: string[];
  /** Tokens that its context has at least. */
  context: number | null;
  /** What a million tokens read cost at most, in USD, as the person pays it. */
  price: string | null;
}

export const UNFILTERED: ModelFilters = {
  use: null,
  reads: [],
  can: [],
  makers: [],
  context: null,
  price: null,
};

const PRICE = /^\d{1,6}(\.\d{1,9})?$/; // digits as the API writes them

/** How many filters are set. */
export function countOf({ use, reads, can, makers, context, price }: ModelFilters): number {
  const single = [use, context, price].filter((each) => each !== null).length;
  return single + reads.length + can.length + (makers.length > 0 ? 1 : 0);
}

/** The filters that a query says; what is not understood is as if it were not there. */
export function readFilters(query: URLSearchParams): ModelFilters {
  const use = query.get("for");
  const reads = query.getAll("reads");
  const former = { images: "image", audio: "audio" }[use ?? ""]; // addresses of when these were uses
  const context = Number(query.get("context"));
  const price = query.get("price") ?? "";
  return {
    use: USES.find(({ value }) => value === use)?.value ?? null,
    reads: valuesIn(READS, former === undefined ? reads : [...reads, former]),
    can: valuesIn(ABILITIES, query.getAll("can")),
    makers: [...new Set(query.getAll("by"))],
    context: Number.isSafeInteger(context) && context > 0 ? context : null,
    price: PRICE.test(price) ? price : null,
  };
}

/** Adds the filters that are set to a query. */
export function writeFilters(query: URLSearchParams, filters: ModelFilters): void {
  const { use, reads, can, makers, context, price } = filters;
  if (use !== null) query.set("for", use);
  for (const each of reads) query.append("reads", each);
  for (const each of can) query.append("can", each);
  for (const each of makers) query.append("by", each);
  if (context !== null) query.set("context", String(context));
  if (price !== null) query.set("price", price);
}

/** Whether a model is one of those that are wanted. What is not known of it, it does not have. */
export function fits(model: Model, { use, reads, can, makers, context, price }: ModelFilters): boolean {
  return (
    (use === null || isChatModel(model) === (use === "chat")) &&
    reads.every((each) => readsIt(model, each)) &&
    can.every((each) => canDo(model, each)) &&
    (makers.length === 0 || makers.includes(makerOf(model.id) ?? UNKNOWN_MAKER)) &&
    (context === null || (model.context_tokens ?? 0) >= context) &&
    (price === null || compareUsd(paidUsd(model.pricing.input_usd_per_1m, model.pricing), price) <= 0)
  );
}

/** How many models there are of which the list does not say what they can do. */
export function untold(models: Model[]): number {
  return models.filter((model) => isChatModel(model) && model.supported_parameters === undefined).length;
}

export interface Choices {
  uses: Use[];
  reads: Read[];
  can: Ability[];
  makers: string[];
  contexts: number[];
  prices: string[];
}

/** What tells these models from each other: what all of them have, or none, is no choice, unless it was made. */
export function choicesFor(models: Model[], chosen: ModelFilters): Choices {
  const tells = (has: (model: Model) => boolean, isChosen: boolean) =>
    isChosen || (models.some(has) && !models.every(has));
  const uses = USES.map(({ value }) => value).filter((use) =>
    tells((model) => fits(model, { ...UNFILTERED, use }), chosen.use !== null),
  );
  const makers = new Set([...models.map(({ id }) => makerOf(id) ?? UNKNOWN_MAKER), ...chosen.makers]);
  return {
    uses,
    reads: READS.map(({ value }) => value).filter((each) =>
      tells((model) => readsIt(model, each), chosen.reads.includes(each)),
    ),
    can: ABILITIES.map(({ value }) => value).filter((each) =>
      tells((model) => canDo(model, each), chosen.can.includes(each)),
    ),
    contexts: steps(CONTEXTS, chosen.context, (one, other) => one - other).filter((context) =>
      tells((model) => fits(model, { ...UNFILTERED, context }), chosen.context === context),
    ),
    prices: steps(PRICES, chosen.price, compareUsd).filter((price) =>
      tells((model) => fits(model, { ...UNFILTERED, price }), chosen.price === price),
    ),
    makers: makers.size > 1 || chosen.makers.length > 0 ? [...makers].sort(byMaker) : [],
  };
}

/** The steps to choose from, with the one that the address has. */
function steps<Step>(all: readonly Step[], chosen: Step | null, order: (a: Step, b: Step) => number): Step[] {
  return chosen === null || all.includes(chosen) ? [...all] : [...all, chosen].sort(order);
}

const readsIt = (model: Model, read: Read) => model.architecture.input_modalities.includes(read);

/** Whether it is known to be able to. */
export function canDo({ supported_parameters }: Model, ability: Ability): boolean {
  const parameter = ABILITIES.find(({ value }) => value === ability)?.parameter;
  return parameter !== undefined && supported_parameters?.includes(parameter) === true;
}

function byMaker(a: string, b: string): number {
  return Number(a === UNKNOWN_MAKER) - Number(b === UNKNOWN_MAKER) || byName(a, b);
}

function valuesIn<Value extends string>(all: readonly { value: Value }[], named: string[]): Value[] {
  return all.map(({ value }) => value).filter((value) => named.includes(value));
}
