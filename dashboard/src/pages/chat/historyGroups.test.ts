import { expect, test } from "vitest";
import { groupOf, inGroups } from "./historyGroups";

const NOW = Date.parse("2026-11-25T08:00:00Z");

test.each([
  ["2026-11-25T00:30:00Z", "UTC", "Today"],
  ["2026-11-25T00:30:00Z", "America/New_York", "Yesterday"],
  ["2026-11-24T23:30:00Z", "UTC", "Yesterday"],
  ["2026-11-20T12:00:00Z", "UTC", "The last seven days"],
  ["2026-10-01T12:00:00Z", "UTC", "Earlier"],
])("%s is, in %s: %s", (at, zone, group) => expect(groupOf(Date.parse(at), NOW, zone)).toBe(group));

test("groups keep the order of their items", () => {
  expect(inGroups([1, 3, 2, 5], (item) => (item % 2 ? "odd" : "even"))).toEqual([
    { title: "odd", items: [1, 3] },
    { title: "even", items: [2] },
    { title: "odd", items: [5] },
  ]);
});
