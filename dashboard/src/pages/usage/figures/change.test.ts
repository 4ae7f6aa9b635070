import { expect, test } from "vitest";
import { changeOf, DURATION } from "./change";

test("a change is told as a share of what was before", () => {
  expect(changeOf(9, 8)).toBe("12.5% more");
  expect(changeOf(3, 4)).toBe("25% less");
  expect(changeOf(4, 4)).toBe("as much");
  expect(changeOf(0, 4)).toBe("100% less");
  expect(changeOf(480, 4)).toBe("120 times as much");
  expect(changeOf(4, 0)).toBeNull();
});

test("a duration is longer or shorter, and not more or less", () => {
  expect(changeOf(9, 8, DURATION)).toBe("12.5% longer");
  expect(changeOf(3, 4, DURATION)).toBe("25% shorter");
  expect(changeOf(4, 4, DURATION)).toBe("as long");
  expect(changeOf(480, 4, DURATION)).toBe("120 times as long");
});
