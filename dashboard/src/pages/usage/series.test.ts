import { expect, test } from "vitest";
import type { NamedFigures } from "@/data/usage";
import { dayRows, spanOf } from "./series";

function day(index: number): NamedFigures {
  return {
    name: new Date(Date.UTC(2025, 10, 26) + index * 86_400_000).toISOString().slice(0, 10),
    requests: 2,
    errors: 0,
    aborted: 0,
    prompt_tokens: 10,
    cached_tokens: 5,
    completion_tokens: 3,
    reasoning_tokens: 1,
    cost_usd: "0.100000001",
    latency_p50_ms: null,
    latency_p95_ms: null,
  };
}

const days = (count: number) => Array.from({ length: count }, (_, index) => day(index));

test("a month is drawn by the day", () => {
  const rows = dayRows(days(30), "tokens", "Tokens");
  expect(rows).toHaveLength(30);
  expect(rows[0]).toMatchObject({ label: "26 Nov", values: { Tokens: 13 }, told: { Tokens: "13" } });
});

test("a year is drawn by the week, nothing is lost, and the last week is whole", () => {
  const rows = dayRows(days(365), "requests", "Requests");
  expect(rows).toHaveLength(53);
  expect(rows[0]?.values.Requests).toBe(2);
  expect(rows.at(-1)).toMatchObject({ key: "2026-11-19", values: { Requests: 14 } });
  expect(rows.reduce((sum, row) => sum + (row.values.Requests ?? 0), 0)).toBe(730);
  expect(new Set(rows.map((row) => row.label)).size).toBe(53);
});

test("a bar leads to the days that it is of, also the first one of a year, which is no whole week", () => {
  expect(spanOf("2025-11-26", days(30))).toEqual({ from: "2025-11-26", to: "2025-11-26" });
  expect(spanOf("2025-11-26", days(365))).toEqual({ from: "2025-11-26", to: "2025-11-26" });
  expect(spanOf("2025-11-27", days(365))).toEqual({ from: "2025-11-27", to: "2025-12-03" });
});

test("a week's spend is the exact sum of its days", () => {
  expect(dayRows(days(365), "cost", "Spend").at(-1)?.told).toEqual({ Spend: "$0.70" });
});
