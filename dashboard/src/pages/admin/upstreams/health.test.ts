// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { healthOf, readSeen } from "./health";
import type { Upstream } from "./upstreams";

const UPSTREAM: Upstream = {
  id: "a",
  base_url: "https://a.example/v1",
  models: {},
  has_api_key: true,
  unopened: [],
  enabled: true,
  added_at: "2026-11-25T12:00:00Z",
};

test("what a job noted is read as far as it is understood", () => {
  const seen = readSeen({
    upstreams: [
      {
        id: "a",
        state: "up",
        latency_ms: 41,
        error: null,
        why: "",
        models: [{ model: "m", why: "status 429" }, 7],
      },
      null,
      { state: "up" },
      { id: "b" },
    ],
  });
  expect([...seen]).toEqual([
    [
      "a",
      { state: "up", latencyMs: 41, error: null, why: null, models: [{ model: "m", why: "status 429" }] },
    ],
    ["b", { state: "unknown", latencyMs: null, error: null, why: null, models: [] }],
  ]);
  expect(readSeen("nothing").size).toBe(0);
});

const SEEN = { state: "up", latencyMs: 20, error: null, why: null, models: [] };

test.each([
  [{ enabled: false }, SEEN, "Switched off"],
  [{ base_url: "echo:" }, undefined, "Built in"],
  [{}, undefined, "Not seen yet"],
  [{}, { ...SEEN, state: "down", latencyMs: null, error: "no connection" }, "Down"],
  [{}, { ...SEEN, state: "down" }, "Left alone"],
  [{}, { ...SEEN, models: [{ model: "m", why: "status 429" }] }, "Some models left alone"],
  [{}, SEEN, "Up"],
])("%j seen as %j is %s", (own, seen, word) => {
  expect(healthOf({ ...UPSTREAM, ...own }, seen).word).toBe(word);
});

test("why calls leave it alone is told", () => {
  const health = healthOf(UPSTREAM, { ...SEEN, state: "down", why: "status 500" });
  expect(health.detail).toBe("It answers again, after calls to it failed: status 500.");
});
