import type { ChartProps, ChartRow } from "@/kit/charts/types";
import { formatDay } from "@/kit/dates";
import { forChart, formatUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { usdAxis } from "./axis";
import type { Days } from "./days";
import type { SystemFigures } from "./useSystemStats";

export const MEASURES = {
  requests: "Requests",
  money: "Money",
  tokens: "Tokens",
  errors: "Error rate",
  latency: "Latency",
  losses: "Losses",
} as const;

export type Measure = keyof typeof MEASURES;

interface Curve {
  name: string;
  color: string;
  value: (figures: SystemFigures) => number | null;
  told: (figures: SystemFigures) => string;
}

const amount = (
  name: string,
  color: string,
  field: "cost_usd" | "upstream_cost_usd" | "margin_usd" | "shortfall_usd",
): Curve => ({
  name,
  color,
  value: (figures) => forChart(figures[field]),
  told: (figures) => formatUsd(figures[field]),
});
const count = (name: string, color: string, read: (figures: SystemFigures) => number): Curve => ({
  name,
  color,
  value: read,
  told: (figures) => formatCount(read(figures)),
});
const wait = (
  name: string,
  color: string,
  field: "latency_p50_ms" | "latency_p95_ms" | "latency_p99_ms",
): Curve => ({
  name,
  color,
  value: (figures) => figures[field],
  told: (figures) => {
    const ms = figures[field];
    return ms === null ? "none" : formatDuration(ms);
  },
});

const CURVES: Record<Measure, Curve[]> = {
  requests: [
    count("Answered", "fare.6", (figures) => figures.requests - figures.errors),
    count("Failed", "red.6", (figures) => figures.errors),
  ],
  money: [
    amount("Revenue", "fare.6", "cost_usd"),
    amount("Upstream cost", "brass.4", "upstream_cost_usd"),
    amount("Margin", "indigo.5", "margin_usd"),
  ],
  tokens: [
    count("In", "fare.6", (figures) => figures.prompt_tokens),
    count("Out", "brass.4", (figures) => figures.completion_tokens),
  ],
  errors: [
    {
      name: "Error rate",
      color: "red.6",
      value: (figures) => figures.error_rate,
      told: (figures) => formatShare(figures.error_rate),
    },
  ],
  latency: [
    wait("Median", "fare.6", "latency_p50_ms"),
    wait("95th percentile", "brass.4", "latency_p95_ms"),
    wait("99th percentile", "red.6", "latency_p99_ms"),
  ],
  losses: [amount("Nobody paid", "red.6", "shortfall_usd")],
};

const AXES: Record<Measure, (value: number) => string> = {
  requests: formatCompact,
  money: usdAxis,
  tokens: formatCompact,
  errors: formatShare,
  latency: formatDuration,
  losses: usdAxis,
};

const MOST_BARS = 30;
const MOST_RANKED = 12;

/** A measure, day by day. */
export function chartByDay(measure: Measure, by_day: SystemFigures[], days: Days): ChartProps {
  return {
    kind: kindByDay(measure, days),
    title: `${MEASURES[measure]} by day`,
    rowTitle: "Day",
    rows: by_day.map((day) => rowOf(measure, day, formatDay(day.name))),
    series: seriesOf(measure),
    formatAxis: AXES[measure],
    height: 260,
  };
}

/** A measure by model, the highest first. */
export function chartByModel(measure: Measure, by_model: SystemFigures[]): ChartProps {
  const [first] = CURVES[measure];
  const height = (figures: SystemFigures) => (first === undefined ? 0 : (first.value(figures) ?? 0));
  const ranked = [...by_model].sort((a, b) => height(b) - height(a)).slice(0, MOST_RANKED);
  return {
    kind: "ranking",
    title: `${MEASURES[measure]} by model`,
    rowTitle: "Model",
    rows: ranked.map((model) => rowOf(measure, model, model.name)),
    series: seriesOf(measure),
    formatAxis: AXES[measure],
    height: 60 + ranked.length * (seriesOf(measure).length > 1 ? 44 : 34),
  };
}

function kindByDay(measure: Measure, days: Days): ChartProps["kind"] {
  if (measure === "latency" || measure === "errors") return "line";
  if (measure === "money") return days > MOST_BARS ? "line" : "bars";
  return days > MOST_BARS ? "area" : "stacked";
}

function seriesOf(measure: Measure) {
  return CURVES[measure].map(({ name, color }) => ({ name, color }));
}

function rowOf(measure: Measure, figures: SystemFigures, label: string): ChartRow {
  const curves = CURVES[measure];
  const drawn = curves.flatMap(({ name, value }) => {
    const height = value(figures);
    return height === null ? [] : [[name, height] as const]; // no request, no latency: a gap, and not nothing
  });
  return {
    key: figures.name,
    label,
    values: Object.fromEntries(drawn),
    told: Object.fromEntries(curves.map(({ name, told }) => [name, told(figures)])),
  };
}
