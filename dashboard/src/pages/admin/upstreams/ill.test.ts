// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Seen } from "./health";
import { illUpstreams } from "./ill";
import type { Upstream } from "./upstreams";

const upstream = (id: string, enabled = true) => ({ id, enabled, base_url: "https://x.example" }) as Upstream;
const UP: Seen = { state: "up", latencyMs: 5, error: null, why: null, models: [] };

test("an upstream that fails its calls needs somebody, though others answer in its place", () => {
  const week = [
    { name: "good", requests: 100, errors: 19 },
    { name: "bad", requests: 10, errors: 10 },
    { name: "off", requests: 10, errors: 10 },
    { name: "rare", requests: 4, errors: 4 },
  ];
  const upstreams = [upstream("good"), upstream("bad"), upstream("off", false), upstream("rare")];
  const seen = new Map(upstreams.map(({ id }) => [id, UP]));
  expect(illUpstreams(upstreams, seen, week)).toEqual([
    { id: "bad", why: "failed 100% of its calls of the last 7 days" },
  ]);
});

test("so does one that does not answer, or is left alone", () => {
  const seen = new Map([
    ["a", { ...UP, error: "refused" }],
    ["b", { ...UP, state: "down" }],
    ["c", { ...UP, models: [{ model: "m", why: "404" }] }],
  ]);
  expect(illUpstreams([upstream("a"), upstream("b"), upstream("c")], seen, [])).toEqual([
    { id: "a", why: "does not answer" },
    { id: "b", why: "is left alone" },
    { id: "c", why: "has some models left alone" },
  ]);
});
