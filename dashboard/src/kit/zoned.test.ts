import { expect, test } from "vitest";
import { addDays, startOfDay } from "./zoned";

test.each([
  ["2026-11-25", "UTC", "2026-11-25T00:00:00.000Z"],
  ["2026-11-25", "Europe/Berlin", "2026-11-24T23:00:00.000Z"],
  ["2026-11-25", "Asia/Kathmandu", "2026-11-24T18:15:00.000Z"],
  ["2026-11-25", "America/Los_Angeles", "2026-11-25T08:00:00.000Z"],
  // The clocks go forward on the 29th of March 2026 and back on the 25th of October: the day after begins otherwise.
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
  ["2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00.000Z"],
  ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
])("%s begins in %s at %s", (day, zone, moment) => expect(startOfDay(day, zone)).toBe(moment));

test("the day after the last of a month is the first of the next", () => {
  expect(addDays("2028-02-29", 1)).toBe("2028-03-01");
});
