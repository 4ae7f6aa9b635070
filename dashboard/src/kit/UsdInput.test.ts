import { expect, test } from "vitest";
import { isChargeWithin } from "./UsdInput";

test("an amount is refused before it is sent where it is out of bounds or no charge", () => {
  const told = (typed: string) => isChargeWithin(typed, "1.00", "500.00");
  expect(["1", "25", "4.99", "500"].map(told)).toEqual([null, null, null, null]);
  expect(["0.99", "500.01"].map(told)).toEqual([
    "It can be $1.00 to $500.00.",
    "It can be $1.00 to $500.00.",
  ]);
  expect(told("1.001")).toBe("Write whole cents, like 25 or 4.99.");
  expect(told("much")).toBe("Write an amount in dollars, like 25 or 4.99.");
});
