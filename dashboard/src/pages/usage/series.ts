import { t } from "@lingui/core/macro";
import type { Figures, NamedFigures } from "@/data/usage";
import type { ChartRow } from "@/kit/charts/types";
import { formatDay } from "@/kit/dates";
import { forChart, formatUsd, sumUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";

export type Metric = "cost" | "requests" | "tokens";

export const METRICS: { value: Metric; label: string }[] = [
  { value: "cost", label: t`Spend` },
  { value: "requests", label: t`Requests` },
  { value: "tokens", label: t`Tokens` },
];

const MOST_BARS = 92; // more days than these are drawn as weeks
const WEEK = 7;

export function tokensOf(figures: Pick<Figures, "prompt_tokens" | "completion_tokens">): number {
  return figures.prompt_tokens + figures.completion_tokens;
}

/** The length of a bar. */
export function heightOf(figures: Counted, metric: Metric): number {
  if (metric === "cost") return forChart(figures.cost_usd);
  return metric === "requests" ? figures.requests : tokensOf(figures);
}

/** What is read instead of a length. */
export function toldOf(figures: Counted, metric: Metric): string {
  if (metric === "cost") return formatUsd(figures.cost_usd);
  return formatCount(heightOf(figures, metric));
}

/** Bars for days, or for weeks where the days are too many to tell apart. Whole weeks end with the last day. */
export function dayRows(days: NamedFigures[], metric: Metric, name: string): ChartRow[] {
  return (days.length > MOST_BARS ? byWeek(days) : days).map((figures) => ({
    key: figures.name,
    label: formatDay(figures.name),
    values: { [name]: heightOf(figures, metric) },
    told: { [name]: toldOf(figures, metric) },
  }));
}

/** Whether `dayRows` draws weeks. */
export function isByWeek(days: NamedFigures[]): boolean {
  return days.length > MOST_BARS;
}

/** The spans that bars stand for: each day by itself, or whole weeks that end with the last day. */
export function weeksOf<Day>(days: Day[]): Day[][] {
  if (days.length <= MOST_BARS) return days.map((day) => [day]);
  const weeks: Day[][] = [];
  for (let end = days.length; end > 0; end -= WEEK) weeks.unshift(days.slice(Math.max(0, end - WEEK), end));
  return weeks;
}

/** The first and the last day of the bar that begins with a day. */
export function spanOf(day: string, days: Pick<NamedFigures, "name">[]): { from: string; to: string } {
  const bar = weeksOf(days).find(([first]) => first?.name === day);
  return { from: day, to: bar?.at(-1)?.name ?? day };
}

type Counted = Pick<Figures, "cost_usd" | "requests" | "prompt_tokens" | "completion_tokens">;

function byWeek(days: NamedFigures[]): (Counted & { name: string })[] {
  return weeksOf(days).map((week) => ({
    name: week[0]?.name ?? "",
    cost_usd: sumUsd(week.map((day) => day.cost_usd)),
    requests: total(week, (day) => day.requests),
    prompt_tokens: total(week, (day) => day.prompt_tokens),
    completion_tokens: total(week, (day) => day.completion_tokens),
  }));
}

function total(days: NamedFigures[], count: (day: NamedFigures) => number): number {
  return days.reduce((sum, day) => sum + count(day), 0);
}
