import { expect, test } from "vitest";
import { parseLines, toLines } from "./terms";

test("what providers call a plan survives being typed", () => {
  const products = { creem: "prod_a=b", stripe: "price_1" };
  expect(parseLines(toLines(products))).toEqual(products);
  expect(parseLines("")).toEqual({});
});

test.each(["stripe", "stripe =", "= price_1"])("%j is refused", (line) => {
  expect(parseLines(line)).toBeNull();
});
