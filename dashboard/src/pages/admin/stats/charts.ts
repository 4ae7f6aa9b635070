import { t } from "@lingui/core/macro";
import type { SpanDays } from "@/data/usage";
import type { ChartProps, ChartRow } from "@/kit/charts/types";
import { formatDay } from "@/kit/dates";
import { axisUsd, forChart, formatUsd } from "@/kit/money";
import { axisShare, formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import type { Rank } from "@/kit/Ranking";
import type { SystemFigures } from "./useSystemStats";

export const MEASURES = {
  requests: t`Requests`,
  money: t`Money`,
  tokens: t`Tokens`,
  errors: t`Error rate`,
  latency: t`Latency`,
  losses: t`Losses`,
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
    return ms === null ? t`none` : formatDuration(ms);
  },
});

const CURVES: Record<Measure, Curve[]> = {
  requests: [
    count(t`Answered`, "fare.6", (figures) => figures.requests - figures.errors),
    count(t`Failed`, "red.6", (figures) => figures.errors),
  ],
  money: [
    amount(t`Revenue`, "fare.6", "cost_usd"),
    amount(t`Upstream cost`, "brass.4", "upstream_cost_usd"),
    amount(t`Margin`, "indigo.5", "margin_usd"),
  ],
  tokens: [
    count(t`In`, "fare.6", (figures) => figures.prompt_tokens),
    count(t`Out`, "brass.4", (figures) => figures.completion_tokens),
  ],
  errors: [
    {
      name: t`Error rate`,
      color: "red.6",
      value: (figures) => figures.error_rate,
      told: (figures) => formatShare(figures.error_rate),
    },
  ],
  latency: [
    wait(t`Median`, "fare.6", "latency_p50_ms"),
    wait(t`95th percentile`, "brass.4", "latency_p95_ms"),
    wait(t`99th percentile`, "red.6", "latency_p99_ms"),
  ],
  losses: [amount(t`Nobody paid`, "red.6", "shortfall_usd")],
};

const AXES: Record<Measure, ChartProps["formatAxis"]> = {
  requests: formatCompact,
  money: axisUsd,
  tokens: formatCompact,
  errors: axisShare,
  latency: formatDuration,
  losses: axisUsd,
};

const MOST_BARS = 30;
export const MOST_RANKED = 12;

/** A measure, day by day. */
export function chartByDay(measure: Measure, by_day: SystemFigures[], days: SpanDays): ChartProps {
  return {
    kind: kindByDay(measure, days),
    title: t`${{ measure: MEASURES[measure] }} by day`,
    rowTitle: t`Day`,
    rows: by_day.map((day) => rowOf(measure, day, formatDay(day.name))),
    series: seriesOf(measure),
    formatAxis: AXES[measure],
    height: 260,
  };
}

/** A measure by model, the highest first: its curves on top of each other where they are parts of a whole, else the
 * first of them with the others in words. */
export function ranksByModel(measure: Measure, by_model: SystemFigures[]): Rank[] {
  const curves = CURVES[measure];
  const [first, ...others] = curves;
  if (first === undefined) return [];
  const height = ({ value }: Curve, model: SystemFigures) => value(model) ?? 0;
  return by_model.map((model) => {
    const parts = isWhole(measure)
      ? curves.map((curve) => ({ height: height(curve, model), color: curve.color }))
      : [{ height: height(first, model), color: first.color }];
    return {
      key: model.name,
      label: model.name,
      height: parts.reduce((sum, part) => sum + part.height, 0),
      parts,
      told: first.told(model),
      note:
        others
          .filter((curve) => !isWhole(measure) || height(curve, model) > 0)
          .map(({ name, told }) => `${name} ${told(model)}`)
          .join(" · ") || undefined,
    };
  });
}

/** Whether the curves of a measure are parts that add up. */
function isWhole(measure: Measure): boolean {
  return measure === "requests" || measure === "tokens";
}

function kindByDay(measure: Measure, days: SpanDays): ChartProps["kind"] {
  if (measure === "latency" || measure === "errors") return "line";
  if (measure === "money") return "line"; // a margin below zero stands on nothing
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
