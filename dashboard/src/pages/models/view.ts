import { t } from "@lingui/core/macro";
import { makerOf } from "@/data/makers";
import type { ModelMeasure } from "@/data/measures";
import type { Model } from "@/data/models";
import { byName } from "@/kit/lists";
import { compareUsd } from "@/kit/money";
import { talkUsd } from "./cost";
import { fits, type ModelFilters, readFilters, writeFilters } from "./filters";

export const SORTS = [
  { value: "name", label: t`Name` },
  { value: "used", label: t`Most used here` },
  { value: "cost", label: t`Cheapest conversation` },
  { value: "context", label: t`Largest context` },
  { value: "latency", label: t`Fastest answers` },
  { value: "answered", label: t`Most answered` },
] as const;
export type Sort = (typeof SORTS)[number]["value"];

export const MOST_COMPARED = 4;

/** What the page shows, as its address says it. */
export interface ModelsView extends ModelFilters {
  search: string;
  sort: Sort;
  /** The models that stand side by side. */
  compared: string[];
}

export function readModelsView(query: URLSearchParams): ModelsView {
  return {
    search: query.get("q") ?? "",
    ...readFilters(query),
    sort: SORTS.find(({ value }) => value === query.get("sort"))?.value ?? "name",
    compared: [...new Set(query.getAll("compare"))].slice(0, MOST_COMPARED),
  };
}

/** The address' query of a view; what is as it is by itself is not in it. */
export function writeModelsView({ search, sort, compared, ...filters }: ModelsView): URLSearchParams {
  const query = new URLSearchParams();
  if (search !== "") query.set("q", search);
  writeFilters(query, filters);
  if (sort !== "name") query.set("sort", sort);
  for (const model of compared) query.append("compare", model);
  return query;
}

/** Which models a view lists, in which order. What nothing is known of comes last. */
export function listed(
  models: Model[],
  { search, sort, compared: _, ...filters }: ModelsView,
  measures: ReadonlyMap<string, ModelMeasure>,
): Model[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter(
    (model) => words.every((word) => wordsOf(model).includes(word)) && fits(model, filters),
  );
  return found.sort((a, b) => ORDERS[sort](a, b, measures) || byName(a.id, b.id));
}

/** What a search looks through: a name, and whose it is where that does not say it. */
function wordsOf({ id }: Model): string {
  return `${id} ${makerOf(id) ?? ""}`.toLowerCase();
}

type Order = (a: Model, b: Model, measures: ReadonlyMap<string, ModelMeasure>) => number;

const ORDERS: Record<Sort, Order> = {
  name: () => 0,
  used: (a, b, of) => slow(of.get(a.id)?.rank) - slow(of.get(b.id)?.rank),
  cost: (a, b) => compareUsd(talkUsd(a), talkUsd(b)),
  context: (a, b) => last(b.context_tokens) - last(a.context_tokens),
  latency: (a, b, of) => slow(of.get(a.id)?.latency_p50_ms) - slow(of.get(b.id)?.latency_p50_ms),
  answered: (a, b, of) => last(of.get(b.id)?.answered_share) - last(of.get(a.id)?.answered_share),
};

const last = (figure: number | null | undefined) => figure ?? -1;
const slow = (figure: number | null | undefined) => figure ?? Number.MAX_SAFE_INTEGER;

/** A model's own address. Names may hold slashes, and what has a meaning in addresses. */
export function pathOf(model: string): string {
  return `/models/${model.split("/").map(encodeURIComponent).join("/")}`;
}
