import { expect, test } from "vitest";
import { axisUsd } from "../money";
import { ticksOf } from "./ticks";

test.each([
  [0, 0, true, [0, 1]],
  [0, 2, true, [0, 1, 2]],
  [0, 0.9, false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 0.0027, false, [0, 0.001, 0.002, 0.003]],
  [-0.3, 1.2, false, [-0.5, 0, 0.5, 1, 1.5]],
  [0, 1234, true, [0, 500, 1000, 1500]],
])("from %d to %d (whole: %s) the axis has %j", (low, high, whole, ticks) =>
  expect(ticksOf(low, high, whole)).toEqual(ticks),
);

test("no two heights of an axis are written alike, whatever is drawn", () => {
  for (let power = -7; power < 7; power++) {
    for (const first of [1, 1.3, 2.7, 4.9, 6, 9.9]) {
      const ticks = ticksOf(0, first * 10 ** power, false);
      const written = ticks.map((tick) => axisUsd(tick, (ticks[1] ?? 0) - (ticks[0] ?? 0)));
      expect(new Set(written).size, written.join(" ")).toBe(ticks.length);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  }
});
