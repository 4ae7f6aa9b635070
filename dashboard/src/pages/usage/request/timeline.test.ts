import { expect, test } from "vitest";
import type { Receipt } from "@/data/receipt";
import { timelineOf } from "./timeline";

const attempt = (upstream: string, outcome: string, started_ms: number, latency_ms: number) =>
  ({ upstream, outcome, started_ms, latency_ms }) as Receipt["attempts"][number];

test("a request's time goes into its wait, its attempts and the answer", () => {
  const spans = timelineOf({
    attempts: [attempt("a", "failed", 5, 100), attempt("b", "answered", 110, 900)],
    first_token_ms: 300,
    latency_ms: 1_000,
  });
  expect(spans.map(({ start, length, kind }) => [kind, start, length])).toEqual([
    ["wait", 0, 5],
    ["failed", 5, 100],
    ["asked", 110, 190],
    ["answer", 300, 700],
  ]);
});

test("without a first token an attempt takes what it took", () => {
  const spans = timelineOf({
    attempts: [attempt("a", "answered", 0, 40)],
    first_token_ms: null,
    latency_ms: 41,
  });
  expect(spans.map(({ start, length, kind }) => [kind, start, length])).toEqual([["asked", 0, 40]]);
  expect(timelineOf({ attempts: [], first_token_ms: null, latency_ms: null })).toEqual([]);
});
