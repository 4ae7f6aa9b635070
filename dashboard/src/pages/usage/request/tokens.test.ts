import { expect, test } from "vitest";
import { tokensOf } from "./tokens";

test("each part of a request's tokens is told after that of which it is one", () => {
  const tokens = { cached: 24, completion: 1234, prompt: 75, reasoning: 37, audio: 2, image: 0 };
  expect(tokensOf({ tokens })).toEqual([
    ["Prompt tokens", "75"],
    ["of them cached", "24"],
    ["Completion tokens", "1,234"],
    ["of them reasoning", "37"],
    ["audio", "2"],
  ]);
  expect(tokensOf({ tokens: null })).toEqual([]);
});
