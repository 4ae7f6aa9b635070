import { expect, test } from "vitest";
import { type Bill, recompute } from "./receipt";

const BILL: Bill = {
  model: "gpt-4o-mini",
  price_version: "v1",
  lines: [
    { class: "input", count: 1234, unit_price_usd: "0.15", per: 1_000_000, amount_usd: "0.0001851" },
    { class: "cached_input", count: 7, unit_price_usd: "0.0375", per: 1_000_000, amount_usd: "0.0000002625" },
    { class: "request", count: 1, unit_price_usd: "0.002", per: 1, amount_usd: "0.002" },
  ],
  multiplier: "1.25",
  exact_usd: "0.002731703125",
  rounding_usd: "0.000000000875",
  total_usd: "0.002731704",
};

test("a charge is the sum of its lines times the multiplier, rounded up to a nano-dollar", () => {
  expect(recompute(BILL)).toEqual({
    amounts: ["$0.0001851", "$0.0000002625", "$0.002"],
    sum: "$0.0021853625",
    exact: "$0.002731703125",
    rounding: "$0.000000000875",
    total: "$0.002731704",
    agrees: true,
  });
});

test("no step is a float's: huge counts at the smallest price stay whole", () => {
  const line = { class: "output", count: 999_999_999_999, unit_price_usd: "0.000000001", per: 1_000_000 };
  const bill = { ...BILL, lines: [{ ...line, amount_usd: "0.000999999999999" }], multiplier: "1" };
  expect(recompute(bill).exact).toBe("$0.000999999999999");
  expect(recompute(bill).total).toBe("$0.001");
});

test.each<[string, Partial<Bill>]>([
  ["a total that is a nano-dollar too high", { total_usd: "0.002731705" }],
  ["a sum that leaves something out", { exact_usd: "0.0027317" }],
  [
    "a line that does not add up",
    { lines: [{ ...BILL.lines[0], amount_usd: "0.0002" } as Bill["lines"][0]] },
  ],
])("%s is told", (_, change) => expect(recompute({ ...BILL, ...change }).agrees).toBe(false));

test("nothing used is nothing charged", () => {
  const bill = { ...BILL, lines: [], exact_usd: "0", rounding_usd: "0", total_usd: "0.00" };
  expect(recompute(bill)).toMatchObject({ total: "$0.00", agrees: true });
});
