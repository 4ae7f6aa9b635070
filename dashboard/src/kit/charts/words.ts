import type { ChartRow } from "./types";

/** A row's words for one of the series: the exact ones that it has, else its height as on the axis. */
export function wordsOf(row: ChartRow, name: string, formatHeight: (height: number) => string): string {
  const height = row.values[name];
  return row.told?.[name] ?? (height === undefined ? "–" : formatHeight(height));
}
