import { expect, test } from "vitest";
import type { Key } from "@/data/keys";
import type { Me } from "@/data/me";
import type { UsageStats } from "@/data/usage";
import type { Wallet } from "@/data/wallet";
import { daysLeft, type Known, notices } from "./attention";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const WALLET = {
  available_usd: "20.00",
  debt_usd: "0.00",
  frozen: false,
  low_balance_usd: null,
  auto_recharge: null,
  subscription: null,
  budget: { period: "2026-11", limit_usd: "10.00", spent_usd: "1.00", remaining_usd: "9.00" },
} as Wallet;
const ME = { status: "active", email_verified: true, email: "a@example.com", time_zone: "UTC" } as Me;
const KEY = {
  id: "k",
  name: "Web",
  state: "live",
  expires_at: null,
  budget: { period: "2026-11", limit_usd: null, spent_usd: "9.00" },
} as Key;

const week = (cost_usd: string, requests = 100, errors = 0) =>
  ({ totals: { cost_usd, requests, errors } }) as UsageStats;

function ids(change: Partial<Known>): string[] {
  return notices({ wallet: WALLET, me: ME, keys: [KEY], week: week("7.00"), ...change }, NOW).map(
    ({ id, level }) => `${level} ${id}`,
  );
}

test("all in order is nothing to see", () => expect(ids({})).toEqual([]));

test.each<[string, Partial<Known>, string[]]>([
  ["a suspended account", { me: { ...ME, status: "suspended" } }, ["stop suspended"]],
  [
    "a suspended account, whoever is to be asked",
    { me: { ...ME, status: "suspended" }, support: "help@example.com" },
    ["stop suspended"],
  ],
  ["a disputed payment", { wallet: { ...WALLET, frozen: true } }, ["stop frozen"]],
  [
    "a debt, which is told instead of the balance",
    { wallet: { ...WALLET, available_usd: "0.00", debt_usd: "1.00" } },
    ["stop debt"],
  ],
  ["an empty wallet", { wallet: { ...WALLET, available_usd: "0.00" } }, ["stop balance"]],
  ["a balance at its alert", { wallet: { ...WALLET, low_balance_usd: "20.00" } }, ["soon balance"]],
  ["a balance for less than three days", { week: week("49.00") }, ["soon balance"]],
  [
    "a budget at four fifths",
    { wallet: { ...WALLET, budget: { ...WALLET.budget, spent_usd: "8.00" } } },
    ["soon budget"],
  ],
  [
    "a budget that is used up",
    { wallet: { ...WALLET, budget: { ...WALLET.budget, spent_usd: "10.00" } } },
    ["stop budget"],
  ],
  ["a key that expires", { keys: [{ ...KEY, expires_at: "2026-11-27T12:00:00Z" }] }, ["soon expiry k"]],
  ["a key's budget", { keys: [{ ...KEY, budget: { ...KEY.budget, limit_usd: "9.00" } }] }, ["stop budget k"]],
  ["many errors", { week: week("7.00", 100, 6) }, ["know errors"]],
  [
    "a plan whose payment failed",
    { wallet: { ...WALLET, subscription: { payment_problem: "past_due" } as Wallet["subscription"] } },
    ["soon plan"],
  ],
  ["an address to confirm", { me: { ...ME, email_verified: false } }, ["know email"]],
])("%s needs attention", (_, change, expected) => expect(ids(change)).toEqual(expected));

test("a card that was declined is told in words, and leads to where it is mended", () => {
  const auto_recharge = {
    enabled: true,
    off_reason: null,
    last_failure: "expired_card",
  } as Wallet["auto_recharge"];
  const known = { wallet: { ...WALLET, auto_recharge }, me: ME, keys: [], week: week("7.00") };
  expect(notices(known, NOW)).toMatchObject([
    { text: "The reason: the card has expired.", to: "/billing/automatic" },
  ]);
});

test("what is over or rare is no matter", () => {
  const revoked: Key = { ...KEY, state: "revoked", expires_at: "2026-11-27T12:00:00Z" };
  const expired: Key = { ...KEY, expires_at: "2026-11-24T12:00:00Z" };
  expect(ids({ keys: [revoked, expired], week: week("7.00", 1000, 6) })).toEqual([]);
});

test("what stops requests comes first", () => {
  const me = { ...ME, email_verified: false };
  expect(ids({ me, wallet: { ...WALLET, frozen: true, low_balance_usd: "50" } })).toEqual([
    "stop frozen",
    "soon balance",
    "know email",
  ]);
});

test("the balance lasts as long as last week's pace says", () => {
  expect(daysLeft(WALLET, week("7.00"))).toBe(20);
  expect(daysLeft(WALLET, week("0.00"))).toBeNull();
  expect(daysLeft({ ...WALLET, available_usd: "0.00" }, week("7.00"))).toBe(0);
});
