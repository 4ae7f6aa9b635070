import { expect, test } from "vitest";
import { nextLook } from "./waiting";

test("it looks less and less often, and ends", () => {
  expect(nextLook(0)).toBe(2_000);
  expect(nextLook(5 * 60_000)).toBe(5_000);
  expect(nextLook(29 * 60_000)).toBe(15_000);
  expect(nextLook(30 * 60_000)).toBe(false);
});
