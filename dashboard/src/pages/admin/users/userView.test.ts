import { expect, test } from "vitest";
import { isNarrowed, queryOf, readView } from "./userView";

const asked = (address: string) => queryOf(readView(new URLSearchParams(address)));

test("an address is read back as what the API is asked for, and what means nothing there is all", () => {
  expect(asked("q=ada&status=suspended&plan=pro&balance=low&sort=richest")).toEqual({
    q: "ada",
    status: "suspended",
    plan: "pro",
    balance_below_usd: "5",
    sort: "richest",
  });
  expect(asked("status=happy&balance=toString&sort=")).toEqual({ sort: "email" });
});

test("an order alone narrows nothing", () => {
  expect(isNarrowed(readView(new URLSearchParams("sort=newest")))).toBe(false);
  expect(isNarrowed(readView(new URLSearchParams("tenant=acme")))).toBe(true);
});
