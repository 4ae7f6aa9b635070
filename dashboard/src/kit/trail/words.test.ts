import { expect, test } from "vitest";
import { sayField, sayValue } from "./words";

test.each([
  ["monthly_budget", "Monthly budget"],
  ["wallet.limits.rpm", "Wallet, limits, requests a minute"],
  ["models.vendor/model-4.1_mini", "Models: vendor/model-4.1_mini"],
  ["headers.name", "Headers: name"],
  ["multiplier_bp", "Factor on list prices"],
  ["some_newer_field", "Some newer field"],
  ["constructor", "Constructor"],
])("%s is called %j", (path, words) => expect(sayField(path)).toBe(words));

test("one of a few words is said, and any other as it is", () => {
  expect(sayValue("state", "live")).toBe("works");
  expect(sayValue("name", "live")).toBe("live");
  expect(sayValue("status", "newer")).toBe("newer");
});
