import { expect, test } from "vitest";
import { isLines, type Plan, parseLines, toBody, toLines } from "./terms";

const PLAN: Required<Plan> = {
  id: "pro",
  name: "Pro",
  price_usd: "50.00",
  grant_usd: "60.00",
  monthly_budget_usd: null,
  limits: {},
  models: null,
  multiplier: "1",
  is_offered: true,
  products: { stripe: "price_1" },
  yearly_price_usd: "500.00",
  yearly_products: { stripe: "price_2" },
  trial_days: 14,
  trial_grant: true,
};

test("saving a plan loses nothing that the form does not know", () => {
  const { id: _id, ...known } = PLAN;
  const newer = { ...PLAN, since_a_later_version: 1 };
  expect(toBody(newer, { ...known, name: "Professional" })).toEqual({
    ...known,
    name: "Professional",
    since_a_later_version: 1,
  });
});

test("what providers call a plan is read as it is written", () => {
  expect(parseLines(toLines({ stripe: "price_1", creem: "prod=2" }))).toEqual({
    stripe: "price_1",
    creem: "prod=2",
  });
  expect(isLines("stripe")).toMatch(/Write/);
});
