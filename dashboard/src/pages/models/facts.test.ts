import { expect, test } from "vitest";
import type { ModelMeasure } from "@/data/measures";
import type { Model } from "@/data/models";
import { abilitiesOf, measuredOf } from "./facts";

test("what is told without columns says what it is, and nothing of what is not known", () => {
  const measure = { latency_p50_ms: 1200, latency_p95_ms: 3000, answered_share: 0.995 } as ModelMeasure;
  expect(measuredOf({ context_tokens: 128_000 } as Model, measure)).toEqual([
    "Context 128K",
    "Answers in 1.2\u00a0s",
    "Answered 99.5%",
  ]);
  const few = { latency_p50_ms: null, latency_p95_ms: null, answered_share: null } as ModelMeasure;
  expect(measuredOf({ context_tokens: null } as Model, few)).toEqual([]);
  expect(measuredOf({ context_tokens: null } as Model, undefined)).toEqual([]);
});

test("what a model can do is told where somebody has said it", () => {
  const able = (parameters?: string[]) => abilitiesOf({ supported_parameters: parameters } as Model);
  expect(able(["max_tokens", "reasoning", "tools"])).toBe("Tools, Reasoning");
  expect(able(["max_tokens"])).toBe("No tools");
  expect(able()).toBe("–");
});
