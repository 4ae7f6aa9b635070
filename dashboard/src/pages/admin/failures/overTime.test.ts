import { expect, test } from "vitest";
import { overTime, SPANS } from "./overTime";

const NOW = Date.parse("2026-11-29T07:30:00Z");
const HOURS = [
  { hour: "2026-11-29T07:00:00Z", count: 2 },
  { hour: "2026-11-29T06:00:00Z", count: 3 },
  { hour: "2026-11-28T08:00:00Z", count: 5 },
];

test("every failure is in one slot of the span, and slots without any are there", () => {
  for (const span of SPANS) {
    const slots = overTime(HOURS, span, NOW);
    expect(slots.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    expect(slots.length).toBeGreaterThan(24);
    expect(slots.length).toBeLessThan(33);
  }
  expect(overTime(HOURS, 24, NOW).at(-1)).toEqual({ at: "2026-11-29T07:00:00.000Z", count: 2 });
  expect(overTime(HOURS, 168, NOW).at(-1)).toEqual({ at: "2026-11-29T06:00:00.000Z", count: 5 });
});
