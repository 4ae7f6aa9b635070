import { t } from "@lingui/core/macro";
import type { ModelMeasure } from "@/data/measures";
import { isChatModel } from "@/data/modelKinds";
import type { Model } from "@/data/models";
import { byName } from "@/kit/lists";
import { compareUsd } from "@/kit/money";
import { talkUsd } from "./cost";

export const SORTS = [
  { value: "name", label: t`Name` },
  { value: "cost", label: t`Cheapest conversation` },
  { value: "context", label: t`Largest context` },
  { value: "latency", label: t`Fastest answers` },
  { value: "answered", label: t`Most answered` },
] as const;
export type Sort = (typeof SORTS)[number]["value"];

export const USES = [
  { value: "chat", label: t`Chat` },
  { value: "images", label: t`Reads images` },
  { value: "audio", label: t`Hears audio` },
  { value: "embeddings", label: t`Embeddings` },
] as const;
export type Use = (typeof USES)[number]["value"];

export const MOST_COMPARED = 4;

/** What the page shows, as its address says it. */
export interface ModelsView {
  search: string;
  use: Use | null;
  sort: Sort;
  /** The models that stand side by side. */
  compared: string[];
}

export function readModelsView(query: URLSearchParams): ModelsView {
  return {
    search: query.get("q") ?? "",
    use: USES.find(({ value }) => value === query.get("for"))?.value ?? null,
    sort: SORTS.find(({ value }) => value === query.get("sort"))?.value ?? "name",
    compared: [...new Set(query.getAll("compare"))].slice(0, MOST_COMPARED),
  };
}

/** The address' query of a view; what is as it is by itself is not in it. */
export function writeModelsView({ search, use, sort, compared }: ModelsView): URLSearchParams {
  const query = new URLSearchParams();
  if (search !== "") query.set("q", search);
  if (use !== null) query.set("for", use);
  if (sort !== "name") query.set("sort", sort);
  for (const model of compared) query.append("compare", model);
  return query;
}

/** Which models a view lists, in which order. What nothing is known of comes last. */
export function listed(
  models: Model[],
  { search, use, sort }: ModelsView,
  measures: ReadonlyMap<string, ModelMeasure>,
): Model[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter(
    (model) =>
      words.every((word) => model.id.toLowerCase().includes(word)) && (use === null || isFor(model, use)),
  );
  return found.sort((a, b) => ORDERS[sort](a, b, measures) || byName(a.id, b.id));
}

export function isFor(model: Model, use: Use): boolean {
  const reads = model.architecture.input_modalities;
  if (use === "images") return reads.includes("image");
  if (use === "audio") return reads.includes("audio");
  return isChatModel(model) === (use === "chat");
}

type Order = (a: Model, b: Model, measures: ReadonlyMap<string, ModelMeasure>) => number;

const ORDERS: Record<Sort, Order> = {
  name: () => 0,
  cost: (a, b) => compareUsd(talkUsd(a), talkUsd(b)),
  context: (a, b) => last(b.context_tokens) - last(a.context_tokens),
  latency: (a, b, of) => slow(of.get(a.id)?.latency_p50_ms) - slow(of.get(b.id)?.latency_p50_ms),
  answered: (a, b, of) => last(of.get(b.id)?.answered_share) - last(of.get(a.id)?.answered_share),
};

const last = (figure: number | null | undefined) => figure ?? -1;
const slow = (ms: number | null | undefined) => ms ?? Number.MAX_SAFE_INTEGER;

/** A model's own address. Names may hold slashes, and what has a meaning in addresses. */
export function pathOf(model: string): string {
  return `/models/${model.split("/").map(encodeURIComponent).join("/")}`;
}
