import "@mantine/charts/styles.css";
import { AreaChart, BarChart, LineChart } from "@mantine/charts";
import { formatCompact } from "../numbers";
import { Legend, Told } from "./Told";
import { ticksOf } from "./ticks";
import type { ChartProps } from "./types";

const PALETTE = ["fare.6", "brass.4", "indigo.5", "orange.6", "cyan.6", "grape.5", "lime.7", "pink.5"];
const ROW = " row"; // no series is called so
const WIDTH_OF_A_CHARACTER = 7.5;

// The drawing is hidden from screen readers, which have the table, so nothing in it may take the focus.
const UNFOCUSED = { accessibilityLayer: false };

/** The chart itself. To be imported by `Chart` alone, which loads it when there is something to draw. */
export default function Drawing({
  kind,
  rows,
  series,
  height = 240,
  formatAxis = formatCompact,
  onChoose,
}: ChartProps) {
  const drawn = series.map(({ name, color }, index) => ({ name, color: color ?? colorAt(index) }));
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const isStacked = kind === "stacked" || kind === "area";
  const heights = rows.flatMap((row) => heightsOf(row.values, isStacked));
  const ticks = ticksOf(Math.min(...heights), Math.max(...heights), heights.every(Number.isInteger));
  const [first = 0, second = 1] = ticks;
  const formatHeight = (value: number) => formatAxis(value, second - first);
  const longest = Math.max(...ticks.map((tick) => formatHeight(tick).length));
  const shared = {
    h: height,
    data: rows.map((row) => ({ [ROW]: row.key, ...row.values })),
    dataKey: ROW,
    series: drawn,
    tickLine: "none" as const,
    gridAxis: "x" as const,
    gridColor: "var(--farebox-line)",
    textColor: "var(--mantine-color-dimmed)",
    valueFormatter: formatHeight,
    withLegend: false, // ours is above the drawing, where no tooltip comes
    xAxisProps: {
      interval: "equidistantPreserveStart" as const,
      minTickGap: 16,
      tickFormatter: (key: string) => byKey.get(key)?.label ?? "",
    },
    yAxisProps: {
      ticks,
      interval: 0, // each of them, also where the chart is low
      domain: [first, ticks.at(-1) ?? 1],
      width: 22 + longest * WIDTH_OF_A_CHARACTER,
    },
    tooltipProps: {
      content: ({ label }: { label?: unknown }) => {
        const row = byKey.get(String(label));
        return row === undefined ? null : <Told row={row} series={drawn} formatHeight={formatHeight} />;
      },
    },
  };
  return (
    <>
      {drawn.length > 1 && <Legend series={drawn} />}
      <Shape kind={kind} shared={shared} onChoose={onChoose} />
    </>
  );
}

type Shared = Parameters<typeof BarChart>[0] &
  Parameters<typeof LineChart>[0] &
  Parameters<typeof AreaChart>[0];

interface ShapeProps extends Pick<ChartProps, "kind" | "onChoose"> {
  shared: Omit<Shared, "type">;
}

function Shape({ kind, shared, onChoose }: ShapeProps) {
  switch (kind) {
    case "line":
      return <LineChart {...shared} lineChartProps={UNFOCUSED} curveType="monotone" withDots={false} />;
    case "area":
      return (
        <AreaChart
          {...shared}
          type="stacked"
          areaChartProps={UNFOCUSED}
          curveType="monotone"
          withDots={false}
          fillOpacity={0.18}
        />
      );
    default:
      return (
        <BarChart
          {...shared}
          barChartProps={UNFOCUSED}
          type={kind === "stacked" ? "stacked" : "default"}
          maxBarWidth={36}
          barProps={({ name }) => ({
            radius: kind === "stacked" ? 0 : 3,
            ...(onChoose !== undefined && {
              cursor: "pointer",
              onClick: ({ payload }: { payload?: Record<string, unknown> }) =>
                onChoose(String(payload?.[ROW] ?? ""), name),
            }),
          })}
        />
      );
  }
}

/** How high a row reaches: each series by itself, or all on top of each other. */
function heightsOf(values: Record<string, number>, isStacked: boolean): number[] {
  const each = Object.values(values);
  return isStacked ? [each.reduce((sum, height) => sum + height, 0)] : each;
}

function colorAt(index: number): string {
  return PALETTE[index % PALETTE.length] ?? "fare.6";
}
