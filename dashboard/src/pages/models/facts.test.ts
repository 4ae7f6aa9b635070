import { expect, test } from "vitest";
import type { ModelMeasure } from "@/data/measures";
import type { Model } from "@/data/models";
import { measuredOf } from "./facts";

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
