// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { healthOf, readSeen } from "./health";
import type { Upstream } from "./upstreams";

const UPSTREAM: Upstream = {
  id: "a",
  base_url: "https://a.example/v1",
  models: {},
  has_api_key: true,
  enabled: true,
  added_at: "2026-11-25T12:00:00Z",
};

test("what a job noted is read as far as it is understood", () => {
  const seen = readSeen({
    upstreams: [{ id: "a", state: "up", latency_ms: 41, error: null }, null, { state: "up" }, { id: "b" }],
  });
  expect([...seen]).toEqual([
    ["a", { state: "up", latencyMs: 41, error: null }],
    ["b", { state: "unknown", latencyMs: null, error: null }],
  ]);
  expect(readSeen("nothing").size).toBe(0);
});

test.each([
  [{ enabled: false }, { state: "up", latencyMs: 1, error: null }, "Switched off"],
  [{ base_url: "echo:" }, undefined, "Built in"],
  [{}, undefined, "Not seen yet"],
  [{}, { state: "down", latencyMs: null, error: "no connection" }, "Down"],
  [{}, { state: "down", latencyMs: 20, error: null }, "Left alone"],
  [{}, { state: "up", latencyMs: 20, error: null }, "Up"],
])("%j seen as %j is %s", (own, seen, word) => {
  expect(healthOf({ ...UPSTREAM, ...own }, seen).word).toBe(word);
});
