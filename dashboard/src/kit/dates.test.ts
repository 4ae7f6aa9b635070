import { expect, test } from "vitest";
import { formatDate, formatDay, formatFullDay, formatMonth, formatRelative, formatTime } from "./dates";

test("a moment is told in the person's zone", () => {
  expect(formatTime("2026-11-25T23:30:00Z", "Europe/Berlin")).toBe("26 Nov 2026, 00:30");
  expect(formatDate("2026-11-25T23:30:00Z", "America/New_York")).toBe("25 Nov 2026");
});

test("a calendar day stays that day everywhere", () => {
  expect(formatDay("2026-03-01")).toBe("1 Mar");
  expect(formatFullDay("2026-03-01")).toBe("1 Mar 2026");
  expect(formatMonth("2026-11")).toBe("November 2026");
});

test("a zone that this browser does not know is UTC", () => {
  expect(formatTime("2026-11-25T23:30:00Z", "Mars/Olympus")).toBe("25 Nov 2026, 23:30");
});

test.each([
  ["2026-11-25T12:00:00Z", "just now"],
  ["2026-11-25T11:59:15Z", "45 seconds ago"],
  ["2026-11-25T09:00:01Z", "2 hours ago"],
  ["2026-11-24T12:00:00Z", "yesterday"],
  ["2026-11-27T12:00:00Z", "in 2 days"],
])("%s at noon is %s", (at, told) =>
  expect(formatRelative(at, Date.parse("2026-11-25T12:00:00Z"))).toBe(told),
);
