import { expect, test } from "vitest";
import { changeEach, listed, type Result } from "./bulk";

test("each is changed once and told of by itself, and one that fails holds nobody up", async () => {
  const asked: string[] = [];
  const results = new Map<string, Result>();
  await changeEach(
    ["a", "b", "c", "d", "e"],
    async (item) => {
      asked.push(item);
      if (item === "b") throw new Error("no");
    },
    (item, result) => results.set(item, result),
  );
  expect(asked.sort()).toEqual(["a", "b", "c", "d", "e"]);
  expect([...results].sort().map(([item, { state }]) => `${item} ${state}`)).toEqual([
    "a done",
    "b failed",
    "c done",
    "d done",
    "e done",
  ]);
});

test("no more than a few are changed at a time, and none after it was stopped", async () => {
  const stop = new AbortController();
  let running = 0;
  let most = 0;
  let asked = 0;
  await changeEach(
    Array.from({ length: 20 }, (_, index) => index),
    async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (++asked === 6) stop.abort();
    },
    () => undefined,
    stop.signal,
  );
  expect(most).toBe(3);
  expect(asked).toBeLessThan(10);
});

test("of very many some are listed, and whoever failed is among them", () => {
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const results = new Map<number, Result>([
    [0, { state: "done" }],
    [8_000, { state: "failed", error: new Error("no") }],
    [9_000, { state: "running" }],
  ]);
  const resultOf = (item: number) => results.get(item);
  expect(listed(items, resultOf, 4)).toEqual([8_000, 9_000, 0, 1]);
  expect(listed(items.slice(0, 4), resultOf, 4)).toEqual([0, 1, 2, 3]);
});
