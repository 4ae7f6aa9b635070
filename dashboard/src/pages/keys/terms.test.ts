import { expect, test } from "vitest";
import { keyState } from "@/data/keyState";
import type { Key } from "@/data/keys";
import { belongingOf, changed, fromKey, NO_TERMS, RULES, toBody } from "./terms";

const BERLIN = "Europe/Berlin";

test("what is left empty is no limit", () => {
  expect(toBody({ ...NO_TERMS, name: " Web " }, BERLIN)).toEqual({
    name: "Web",
    models: null,
    monthly_budget_usd: null,
    daily_budget_usd: null,
    weekly_budget_usd: null,
    total_budget_usd: null,
    rpm: null,
    tpm: null,
    rpd: null,
    expires_at: null,
    scopes: ["inference"],
    allowed_ips: null,
  });
});

test("a key works to the end of its last day in the person's zone, and says that day again", () => {
  const body = toBody(
    { ...NO_TERMS, name: "x", monthly_budget_usd: "$1,000.5", expires_on: "2026-11-30" },
    BERLIN,
  );
  expect(body).toMatchObject({ monthly_budget_usd: "1000.50", expires_at: "2026-11-30T23:00:00.000Z" });
  const key = { name: "x", models: null, rpm: 5, tpm: null, rpd: null, monthly_budget_usd: "1000.50" };
  const terms = fromKey({ ...key, expires_at: "2026-11-30T23:00:00Z" } as Key, BERLIN);
  expect(terms).toMatchObject({ expires_on: "2026-11-30", rpm: 5, tpm: "", monthly_budget_usd: "1000.50" });
});

test("only what was changed is sent", () => {
  const before = toBody({ ...NO_TERMS, name: "x", rpm: 5, models: ["a"] }, BERLIN);
  const after = toBody({ ...NO_TERMS, name: "x", rpm: "", models: ["a"] }, BERLIN);
  expect(changed(before, after)).toEqual({ rpm: null });
});

test.each([
  [{ holder: null, project: null }, {}],
  [{ holder: "member:u:1", project: null }, { member: "u:1" }],
  [
    { holder: "service_account:sva_1", project: "prj_1" },
    { service_account: "sva_1", project: "prj_1" },
  ],
])("what a key belongs to is sent as it is: %o", (chosen, body) => expect(belongingOf(chosen)).toEqual(body));

test("a key needs a name, and a budget must be an amount", () => {
  expect(RULES.name("  ")).toMatch(/name/);
  expect(RULES.monthly_budget_usd("ten")).toMatch(/amount/);
  expect(RULES.monthly_budget_usd("")).toBeNull();
});

test.each([
  ["live", null, "active"],
  ["live", "2026-12-25T12:00:00Z", "active"],
  ["live", "2026-11-28T12:00:00Z", "expiring"],
  ["live", "2026-11-25T12:00:00Z", "expired"],
  ["revoked", "2026-11-28T12:00:00Z", "revoked"],
] as const)("a %s key that ends at %s is %s", (state, expires_at, shown) =>
  expect(keyState({ state, expires_at }, Date.parse("2026-11-25T12:00:00Z"))).toBe(shown),
);
