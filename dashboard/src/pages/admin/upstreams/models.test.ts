import { expect, test } from "vitest";
import { isModels, parseLines, toLines } from "./models";

test("a mapping survives being typed", () => {
  const models = { echo: "echo", "gpt-5": "openai/gpt-5", "@cf/llama": "@cf/llama" };
  expect(toLines(models)).toBe("echo\ngpt-5 = openai/gpt-5\n@cf/llama");
  expect(parseLines(`\n${toLines(models)}\n\n`)).toEqual({ models });
});

test("a name may have a = in it, where a spaced one parts the names", () => {
  const models = { "llama:t=0": "meta/llama", fast: "host/model?rev=2", "a=b": "a=b" };
  expect(parseLines(toLines(models))).toEqual({ models });
  expect(parseLines("name=own")).toEqual({ models: { name: "own" } });
});

test.each([
  ["", "Name at least one model."],
  ["a\na = b", "a is there twice."],
  ["a = b = c", `Write "name" or "name = the upstream's name", not "a = b = c".`],
  ["two words", `Write "name" or "name = the upstream's name", not "two words".`],
  ["= b", `Write "name" or "name = the upstream's name", not "= b".`],
])("%j is refused", (text, problem) => {
  expect(isModels(text)).toBe(problem);
});
