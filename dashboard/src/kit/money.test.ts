import { describe, expect, test } from "vitest";
import {
  axisUsd,
  compareUsd,
  formatUsd,
  fromNanos,
  isShownWhole,
  meanUsd,
  parseUsd,
  shareOfUsd,
  sumUsd,
  toNanos,
} from "./money";

test("amounts keep every digit, beyond what a float could hold", () => {
  for (const usd of ["0.00", "-0.000000001", "4.99987", "999999999.999999999", "9007199254740993.00"]) {
    expect(fromNanos(toNanos(usd))).toBe(usd);
  }
  expect(sumUsd(["0.10", "0.20"])).toBe("0.30");
  expect(sumUsd(["999999999.999999999", "0.000000001", "-1.00"])).toBe("999999999.00");
  expect(sumUsd([])).toBe("0.00");
});

test("what is no amount is refused, not guessed", () => {
  for (const text of ["", "1e3", "NaN", "1,5", ".5", "1.", "1.0000000001", "+1"])
    expect(() => toNanos(text)).toThrow();
});

test("amounts compare by value", () => {
  expect(["10.00", "9.5", "-1.00", "9.50"].sort(compareUsd)).toEqual(["-1.00", "9.5", "9.50", "10.00"]);
});

describe("an amount to read", () => {
  test.each([
    ["0.00", "$0.00"],
    ["5.00", "$5.00"],
    ["4.99987", "$5.00"],
    ["1234567.891", "$1,234,567.89"],
    ["0.5", "$0.50"],
    ["0.12345", "$0.123"],
    ["0.000012345", "$0.0000123"],
    ["0.000000001", "$0.000000001"],
    ["0.99996", "$1.00"],
    ["-3.2", "\u2212$3.20"],
  ])("%s is %s", (usd, shown) => expect(formatUsd(usd)).toBe(shown));

  test("a balance never shows more than there is", () => {
    expect(formatUsd("4.99987", { rounding: "down" })).toBe("$4.99");
    expect(formatUsd("-0.001", { rounding: "down" })).toBe("\u2212$0.001");
    expect(formatUsd("-4.991", { rounding: "down" })).toBe("\u2212$5.00");
  });

  test("exact shows all digits, and whether they are more is known", () => {
    expect(formatUsd("4.99987", { exact: true })).toBe("$4.99987");
    expect(isShownWhole("4.99987")).toBe(false);
    expect(isShownWhole("4.99")).toBe(true);
  });

  test("a ledger's amounts bear their sign", () => {
    expect(formatUsd("1", { signed: true })).toBe("+$1.00");
    expect(formatUsd("0", { signed: true })).toBe("$0.00");
  });
});

test.each([
  ["5", "5.00"],
  [" $1,000.5 ", "1000.50"],
  [".25", "0.25"],
  ["7.", "7.00"],
  ["0.000000001", "0.000000001"],
  ["1,5", null],
  ["-5", null],
  ["5 dollars", null],
  ["0.0000000001", null],
  ["", null],
  [".", null],
  ["$", null],
])("typing %j is %j", (typed, usd) => expect(parseUsd(typed)).toBe(usd));

test("a mean is the nearest nano-dollar", () => {
  expect(meanUsd("10.00", 4)).toBe("2.50");
  expect(meanUsd("0.000000002", 3)).toBe("0.000000001");
  expect(meanUsd("-0.000000002", 3)).toBe("-0.000000001");
  expect(meanUsd("0.000000001", 3)).toBe("0.00");
});

test.each([
  [0, 2, "$0"],
  [0.6, 0.2, "$0.60"],
  [0, 0.2, "$0.00"],
  [0.0015, 0.0005, "$0.0015"],
  [0.001, 0.0005, "$0.0010"],
  [-0.25, 0.05, "\u2212$0.25"],
  [12, 2, "$12"],
  [1500, 500, "$1.5K"],
])("a height of %d at an axis of steps of %d is %s", (height, step, shown) =>
  expect(axisUsd(height, step)).toBe(shown),
);

test.each([
  ["0.00", "5.00", 0],
  ["4.00", "5.00", 0.8],
  ["7.00", "5.00", 1],
  ["0.00", "0.00", 1],
  ["-1.00", "5.00", 0],
])("%s of %s is a share of %d", (part, whole, share) => expect(shareOfUsd(part, whole)).toBe(share));
