import { expect, test } from "vitest";
import { changeOf, type Subscription } from "./planChange";
import type { Plan } from "./useOffer";

const NOW = Date.parse("2026-11-16T00:00:00Z");
const RENEWS = "2026-12-01T00:00:00Z"; // half of the month is left
const PLAN = { id: "pro", price_usd: "50.00", yearly_price_usd: "500.00" } as Plan;
const CHEAP = { id: "lite", price_usd: "5.00", yearly_price_usd: null } as Plan;
const OWN: Subscription = {
  id: "s",
  plan: "starter",
  current_plan: "starter",
  status: "active",
  seats: 2,
  interval: "month",
  price_usd: "10.00",
  currency: "usd",
  started_at: "2026-10-01T00:00:00Z",
  renews_at: RENEWS,
  ends_at: null,
  trial_ends_at: null,
  payment_problem: null,
  terms_end_at: null,
};

test("a dearer plan holds at once, for the difference of what is left of the period, of all seats", () => {
  expect(changeOf(OWN, PLAN, "month", NOW)).toEqual({
    todayUsd: "40.00",
    from: "now",
    thenUsd: "100.00",
    nextAt: RENEWS,
  });
});

test("a cheaper plan costs nothing today, and comes with the next period", () => {
  expect(changeOf(OWN, CHEAP, "month", NOW)).toEqual({
    todayUsd: "0.00",
    from: RENEWS,
    thenUsd: "10.00",
    nextAt: RENEWS,
  });
});

test("a year is paid at once, less what is left of the month", () => {
  expect(changeOf(OWN, PLAN, "year", NOW)).toMatchObject({
    todayUsd: "990.00",
    from: "now",
    nextAt: "2027-11-16T00:00:00.000Z",
  });
});

test("while it is free, a change is", () => {
  const trial: Subscription = { ...OWN, status: "trialing", trial_ends_at: "2026-11-20T00:00:00Z" };
  expect(changeOf(trial, PLAN, "month", NOW)).toMatchObject({
    todayUsd: "0.00",
    nextAt: "2026-11-20T00:00:00Z",
  });
});

test("what cannot be told is not made up", () => {
  expect(changeOf({ ...OWN, currency: "eur" }, PLAN, "month", NOW)).toMatchObject({ todayUsd: null });
  expect(changeOf({ ...OWN, price_usd: null }, PLAN, "month", NOW)).toMatchObject({ todayUsd: null });
  expect(changeOf(OWN, CHEAP, "year", NOW)).toBeNull();
});
