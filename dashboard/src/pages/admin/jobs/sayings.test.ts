import { expect, test } from "vitest";
import { isLate, sayDone, sayEvery } from "./sayings";

test("what a job did is told by its own names", () => {
  expect(sayDone({ leases: 3, complete: true, upstreams: [{ id: "a" }, { id: "b" }], failed: null })).toEqual(
    [
      ["Leases", "3"],
      ["Complete", "Yes"],
      ["Upstreams", "2"],
      ["Failed", "None"],
    ],
  );
  expect(sayDone({ granted: 2, granted_usd: "65.00" })).toEqual([
    ["Granted", "2"],
    ["Granted in all", "$65.00"],
  ]);
  expect(sayDone({ paid: 1, subscriptions: { called_about: 0, granted_usd: "5.00" } })).toEqual([
    ["Paid", "1"],
    ["Subscriptions · Called about", "0"],
    ["Subscriptions · Granted in all", "$5.00"],
  ]);
  expect(sayDone(null)).toEqual([]);
});

test.each([
  [60, "every minute"],
  [300, "every 5 minutes"],
  [3600, "every hour"],
  [45, "every 45 seconds"],
])("%s seconds are %s", (seconds, said) => {
  expect(sayEvery(seconds)).toBe(said);
});

test("a job is late when it missed several of its times, or never ran", () => {
  const job = { name: "sweep-leases", every_s: 60, ran_at: "2026-11-25T12:00:00Z", done: null };
  expect(isLate(job, Date.parse("2026-11-25T12:04:00Z"))).toBe(false);
  expect(isLate(job, Date.parse("2026-11-25T12:06:00Z"))).toBe(true);
  expect(isLate({ ...job, ran_at: null }, 0)).toBe(true);
});
