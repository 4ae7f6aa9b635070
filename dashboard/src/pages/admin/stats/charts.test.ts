import { expect, test } from "vitest";
import { chartByDay, ranksByModel } from "./charts";
import type { SystemFigures } from "./useSystemStats";

const QUIET: SystemFigures = {
  name: "2026-11-24",
  requests: 0,
  errors: 0,
  aborted: 0,
  prompt_tokens: 0,
  cached_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: "0.00",
  latency_p50_ms: null,
  latency_p95_ms: null,
  latency_p99_ms: null,
  error_rate: 0,
  upstream_cost_usd: "0.00",
  margin_usd: "0.00",
  shortfall_usd: "0.00",
  lost: 0,
};
const BUSY: SystemFigures = {
  ...QUIET,
  name: "2026-11-25",
  requests: 10,
  errors: 2,
  cost_usd: "0.000000001",
};

test("money is told exactly, however low its bar", () => {
  const { rows } = chartByDay("money", [BUSY], 7);
  expect(rows[0]?.told?.Revenue).toBe("$0.000000001");
  expect(rows[0]?.label).toBe("25 Nov");
});

test("a day without requests has no latency, which is not a latency of nothing", () => {
  expect(chartByDay("latency", [QUIET], 7).rows[0]?.values).toEqual({});
});

test("failed requests are stacked on those that were answered", () => {
  expect(chartByDay("requests", [BUSY], 7).rows[0]?.values).toEqual({ Answered: 8, Failed: 2 });
});

test("of a model, what adds up is stacked, and what does not is told beside it", () => {
  const model = { ...BUSY, name: "a.b/c", upstream_cost_usd: "1.00", margin_usd: "-0.50" };
  expect(ranksByModel("requests", [model])[0]).toMatchObject({
    label: "a.b/c",
    height: 10,
    parts: [{ height: 8 }, { height: 2 }],
    told: "8",
    note: "Failed 2",
  });
  expect(ranksByModel("money", [model])[0]).toMatchObject({
    parts: [{ height: 0.000000001 }],
    told: "$0.000000001",
    note: "Upstream cost $1.00 · Margin \u2212$0.50",
  });
});
