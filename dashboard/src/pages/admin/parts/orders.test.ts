import { expect, test } from "vitest";
import { Orders } from "./orders";

const bonus = { user: "u1", amount: "5.00" };

test("the same wish asked twice before its answer is one order", () => {
  const orders = new Orders();
  expect(orders.headersFor(bonus)).toEqual(orders.headersFor({ ...bonus }));
});

test("another wish is another order, and so is the same wish once it was answered", () => {
  const orders = new Orders();
  const first = orders.headersFor(bonus)["Idempotency-Key"];
  const other = orders.headersFor({ ...bonus, amount: "6.00" })["Idempotency-Key"];
  orders.answered(bonus);
  const again = orders.headersFor(bonus)["Idempotency-Key"];
  expect(new Set([first, other, again]).size).toBe(3);
  expect(first).toMatch(/^[!-~]{1,255}$/);
});
