import { expect, test } from "vitest";
import { changeOf } from "./change";

test("a change is told as a share of what was before", () => {
  expect(changeOf(9, 8)).toBe("12.5% more");
  expect(changeOf(3, 4)).toBe("25% less");
  expect(changeOf(4, 4)).toBe("as much");
  expect(changeOf(0, 4)).toBe("100% less");
  expect(changeOf(480, 4)).toBe("120 times as much");
  expect(changeOf(4, 0)).toBeNull();
});
