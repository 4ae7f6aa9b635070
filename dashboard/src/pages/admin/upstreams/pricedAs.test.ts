import { expect, test } from "vitest";
import { priceOf } from "./pricedAs";

const PRICES = ["gpt", "gpt-*", "gpt-5-*", "house"].map((model) => ({ model }));

test.each([
  ["gpt", null, "gpt"],
  ["gpt-4", null, "gpt-*"],
  ["gpt-5-mini", {}, "gpt-5-*"],
  ["alias", { alias: "house" }, "house"],
  ["gpt", { gpt: "gpt-4" }, "gpt-*"],
  ["alias", { other: "house" }, undefined],
  ["gpt", { gpt: "gone" }, undefined],
])("%s priced as %j counts for %s", (name, pricedAs, model) => {
  expect(priceOf(name, pricedAs, PRICES)?.model).toBe(model);
});
