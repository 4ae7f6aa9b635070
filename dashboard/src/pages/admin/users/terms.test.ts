import { expect, test } from "vitest";
import { changed, type Terms } from "./terms";

const BEFORE: Terms = {
  plan: "pro",
  monthly_budget_usd: "50.00",
  daily_budget_usd: null,
  weekly_budget_usd: "5.00",
  total_budget_usd: null,
  limits: { rpm: 60, tpm: null, rpd: null },
  models: null,
  multiplier: "1.25",
  tenant_id: null,
};

test("terms that stay are not sent, however an amount is written", () => {
  expect(changed(BEFORE, { ...BEFORE, monthly_budget_usd: "50", limits: { ...BEFORE.limits } })).toEqual({});
});

test("what was changed is sent, and what was emptied is sent as none", () => {
  const after = { ...BEFORE, monthly_budget_usd: null, multiplier: null, models: ["echo"] };
  expect(changed(BEFORE, after)).toEqual({ monthly_budget_usd: null, multiplier: null, models: ["echo"] });
});
