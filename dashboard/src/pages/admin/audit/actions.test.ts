import { expect, test } from "vitest";
import { pageOf, sayTarget } from "./actions";

test("a model with a slash in its name leads to its page, and reads as it is called", () => {
  expect(pageOf("pricing/openai%2Fgpt-5")).toBe("/admin/pricing/openai%2Fgpt-5");
  expect(sayTarget("pricing/openai%2Fgpt-5")).toBe("openai/gpt-5");
});

test("what has no page leads nowhere", () => {
  expect(pageOf("weather/today")).toBeNull();
});
