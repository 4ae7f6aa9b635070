import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/transport";
import type { NamedFigures } from "@/data/usage";
import type { ChartRow, ChartSeries } from "@/kit/charts/types";
import { formatDay } from "@/kit/dates";
import { forChart, formatUsd, fromNanos, sumUsd, toNanos } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import { type Metric, tokensOf, weeksOf } from "../series";

export const SPLITS = [
  { value: "model", label: t`Model` },
  { value: "key", label: t`Key` },
  { value: "member", label: t`Member` },
  { value: "project", label: t`Project` },
] as const;
export type Split = (typeof SPLITS)[number]["value"];

type DayPart = Schema<"DayPart">;

export interface Stacks {
  rows: ChartRow[];
  series: ChartSeries[];
  /** What a series stands for; `null`: everything that has none of its own. */
  ids: Map<string, string | null>;
}

const MOST_SERIES = 7;
const OTHERS = t`Others`;

/** Days, or weeks, each of them in parts: the largest by themselves, and the others together. */
export function stacksOf(
  days: string[],
  parts: DayPart[],
  metric: Metric,
  label: (name: string) => string,
): Stacks {
  const ranked = [...grouped(parts, ({ name }) => name)]
    .map(([name, own]) => [name, heightOf(own, metric)] as const)
    .sort(([, a], [, b]) => b - a);
  const own = ranked
    .slice(0, ranked.length > MOST_SERIES + 1 ? MOST_SERIES : ranked.length)
    .map(([name]) => name);
  const names = uniqueNames(own, label);
  const ids = new Map<string, string | null>([...names].map(([id, name]) => [name, id]));
  if (own.length < ranked.length) ids.set(OTHERS, null);

  const rowOf = new Map<string, string>(); // the row of each day
  const keys: string[] = [];
  for (const span of weeksOf(days)) {
    const [first] = span;
    if (first === undefined) continue;
    keys.push(first);
    for (const day of span) rowOf.set(day, first);
  }
  const cells = grouped(parts, ({ day, name }) =>
    JSON.stringify([rowOf.get(day), names.get(name) ?? OTHERS]),
  );
  const rows = keys.map((key) => {
    const here = [...ids.keys()].map((name) => [name, cells.get(JSON.stringify([key, name])) ?? []] as const);
    return {
      key,
      label: formatDay(key),
      // From entries, since a part may be called `__proto__`.
      values: Object.fromEntries(here.map(([name, cell]) => [name, heightOf(cell, metric)])),
      told: Object.fromEntries(here.map(([name, cell]) => [name, toldOf(cell, metric)])),
      whole: toldOf(
        here.flatMap(([, cell]) => cell),
        metric,
      ),
    };
  });
  return { rows, series: [...ids.keys()].map((name) => ({ name })), ids };
}

/** What a part is called that is of no member, or of no project. */
export const NONE = "";

/** The parts of days, and beside them what is of none: keys may belong to no member and to no project, and without those
 * a bar would tell less than its day came to. */
export function withNone(days: NamedFigures[], parts: DayPart[]): DayPart[] {
  const ofDay = grouped(parts, ({ day }) => day);
  const ofNone = days.flatMap((day) => {
    const own = ofDay.get(day.name) ?? [];
    const rest = {
      day: day.name,
      name: NONE,
      requests: day.requests - own.reduce((sum, { requests }) => sum + requests, 0),
      tokens: tokensOf(day) - own.reduce((sum, { tokens }) => sum + tokens, 0),
      cost_usd: fromNanos(toNanos(day.cost_usd) - toNanos(sumUsd(own.map(({ cost_usd }) => cost_usd)))),
    };
    return rest.requests > 0 ? [rest] : [];
  });
  return [...parts, ...ofNone];
}

/** In one pass, since a year of a thousand keys is many parts. */
function grouped(parts: DayPart[], by: (part: DayPart) => string): Map<string, DayPart[]> {
  const groups = new Map<string, DayPart[]>();
  for (const part of parts) {
    const name = by(part);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [part]);
    else group.push(part);
  }
  return groups;
}

/** Two keys may have one name: each is told from the other by its id. */
function uniqueNames(ids: string[], label: (id: string) => string): Map<string, string> {
  const labels = ids.map(label);
  const isTaken = (name: string) => name === OTHERS || labels.indexOf(name) !== labels.lastIndexOf(name);
  return new Map(
    ids.map((id, index) => [
      id,
      isTaken(labels[index] ?? id) ? `${labels[index]} (${id})` : (labels[index] ?? id),
    ]),
  );
}

function heightOf(parts: DayPart[], metric: Metric): number {
  if (metric === "cost") return forChart(sumUsd(parts.map(({ cost_usd }) => cost_usd)));
  return parts.reduce((sum, part) => sum + part[metric], 0);
}

function toldOf(parts: DayPart[], metric: Metric): string {
  return metric === "cost"
    ? formatUsd(sumUsd(parts.map(({ cost_usd }) => cost_usd)))
    : formatCount(heightOf(parts, metric));
}
