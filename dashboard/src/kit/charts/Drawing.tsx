import "@mantine/charts/styles.css";
import { AreaChart, BarChart, ChartTooltip, DonutChart, LineChart } from "@mantine/charts";
import { formatCompact } from "../numbers";
import type { ChartProps } from "./types";

const PALETTE = ["fare.6", "brass.4", "indigo.5", "orange.6", "cyan.6", "grape.5", "lime.7", "pink.5"];

// The drawing is hidden from screen readers, which have the table, so nothing in it may take the focus.
const UNFOCUSED = { accessibilityLayer: false };

/** The chart itself. To be imported by `Chart` alone, which loads it when there is something to draw. */
export default function Drawing({
  kind,
  rows,
  series,
  height = 240,
  formatAxis = formatCompact,
}: ChartProps) {
  const drawn = series.map(({ name, color }, index) => ({ name, color: color ?? colorAt(index) }));
  if (kind === "donut") {
    const [first] = series;
    const slices = rows.map((row, index) => ({
      name: row.label,
      value: (first && row.values[first.name]) ?? 0,
      color: colorAt(index),
    }));
    return (
      <DonutChart
        data={slices}
        size={Math.min(height, 220)}
        thickness={26}
        paddingAngle={1}
        withTooltip={false}
        pieChartProps={UNFOCUSED}
        mx="auto"
      />
    );
  }

  const data = rows.map((row) => ({ name: row.label, ...row.values }));
  const told = new Map(rows.map((row) => [row.label, row.told]));
  const shared = {
    h: height,
    data,
    dataKey: "name",
    series: drawn,
    tickLine: "none" as const,
    gridAxis: kind === "ranking" ? ("y" as const) : ("x" as const),
    gridColor: "var(--farebox-line)",
    textColor: "var(--mantine-color-dimmed)",
    valueFormatter: formatAxis,
    withLegend: series.length > 1,
    tooltipProps: {
      content: ({ label, payload }: { label?: unknown; payload?: readonly unknown[] }) => (
        <ChartTooltip
          label={String(label ?? "")}
          payload={(payload ?? []).map((item) => withWords(item as Item, told.get(String(label))))}
          series={drawn}
        />
      ),
    },
  };
  switch (kind) {
    case "line":
      return <LineChart {...shared} lineChartProps={UNFOCUSED} curveType="monotone" withDots={false} />;
    case "area":
      return (
        <AreaChart
          {...shared}
          areaChartProps={UNFOCUSED}
          curveType="monotone"
          withDots={false}
          fillOpacity={0.18}
        />
      );
    case "ranking":
      return (
        <BarChart
          {...shared}
          orientation="vertical"
          barChartProps={UNFOCUSED}
          barProps={{ radius: 3 }}
          yAxisProps={{ width: 130 }}
        />
      );
    default:
      return (
        <BarChart
          {...shared}
          barChartProps={UNFOCUSED}
          type={kind === "stacked" ? "stacked" : "default"}
          maxBarWidth={36}
          barProps={{ radius: kind === "stacked" ? 0 : 3 }}
        />
      );
  }
}

interface Item {
  name: string;
  value: unknown;
}

/** The exact words instead of the height. */
function withWords(item: Item, told: Record<string, string> | undefined): Item {
  return { ...item, value: told?.[item.name] ?? item.value };
}

function colorAt(index: number): string {
  return PALETTE[index % PALETTE.length] ?? "fare.6";
}
