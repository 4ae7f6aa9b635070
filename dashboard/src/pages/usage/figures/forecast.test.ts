import { expect, test } from "vitest";
import { firstDayFor, forecast } from "./forecast";

const day = (name: string, cost_usd: string) => ({ name, cost_usd });

test("a month ends at what was spent and the pace of the last whole days", () => {
  const days = [
    day("2026-10-31", "1"),
    day("2026-11-01", "7"),
    day("2026-11-02", "7"),
    day("2026-11-05", "99"),
  ];
  expect(forecast(days, "2026-11-05", "6.00")).toEqual({
    soFarUsd: "113.00",
    paceUsd: "2.142857142",
    monthEndUsd: "166.57142855",
    emptyOn: "2026-11-07",
  });
});

test("nobody knows where nothing is spent, or little of much", () => {
  expect(forecast([], "2026-11-05", "6.00").emptyOn).toBeNull();
  expect(forecast([day("2026-11-04", "0.007")], "2026-11-05", "600.00").emptyOn).toBeNull();
  expect(forecast([day("2026-11-04", "0.007")], "2026-11-05", "0.00").emptyOn).toBe("2026-11-05");
});

test("it needs the month, and the days of its pace", () => {
  expect(firstDayFor("2026-11-25")).toBe("2026-11-01");
  expect(firstDayFor("2026-11-03")).toBe("2026-10-27");
});
