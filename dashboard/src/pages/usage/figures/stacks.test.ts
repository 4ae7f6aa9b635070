import { expect, test } from "vitest";
import type { NamedFigures } from "@/data/usage";
import { NONE, stacksOf, withNone } from "./stacks";

const part = (day: string, name: string, cost_usd: string) => ({
  day,
  name,
  cost_usd,
  requests: 1,
  tokens: 10,
});
const plain = (name: string) => name;

test("each day is told in its parts, exactly", () => {
  const { rows, series } = stacksOf(
    ["2026-11-01", "2026-11-02"],
    [
      part("2026-11-01", "a", "0.10"),
      part("2026-11-02", "a", "0.20"),
      part("2026-11-02", "b", "0.000000001"),
    ],
    "cost",
    plain,
  );
  expect(series.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(rows.map(({ told }) => told)).toEqual([
    { a: "$0.10", b: "$0.00" },
    { a: "$0.20", b: "$0.000000001" },
  ]);
  expect(rows.map(({ whole }) => whole)).toEqual(["$0.10", "$0.20"]); // as far as an amount among others is told
});

test("a part has whatever name somebody gave it", () => {
  const { rows } = stacksOf(["2026-11-01"], [part("2026-11-01", "__proto__", "0.10")], "cost", plain);
  expect(rows.map(({ values }) => Object.entries(values))).toEqual([[["__proto__", 0.1]]]);
  expect(rows.map(({ told }) => Object.entries(told ?? {}))).toEqual([[["__proto__", "$0.10"]]]);
});

test("the small ones of many are together, and stand for none of them", () => {
  const many = Array.from({ length: 12 }, (_, index) => part("2026-11-01", `m${index}`, `${12 - index}`));
  const { rows, series, ids } = stacksOf(["2026-11-01"], many, "cost", plain);
  expect(series.map(({ name }) => name)).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "Others"]);
  expect(rows[0]?.told?.Others).toBe("$15.00");
  expect(ids.get("m0")).toBe("m0");
  expect(ids.get("Others")).toBeNull();
});

test("keys of one name are told from each other", () => {
  const { series } = stacksOf(
    ["2026-11-01"],
    [part("2026-11-01", "k1", "2"), part("2026-11-01", "k2", "1")],
    "cost",
    () => "Website",
  );
  expect(series.map(({ name }) => name)).toEqual(["Website (k1)", "Website (k2)"]);
});

test("many days are weeks that end with the last one", () => {
  const days = Array.from({ length: 100 }, (_, index) =>
    new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
  );
  const { rows } = stacksOf(
    days,
    [part("2026-04-10", "a", "1"), part("2026-04-04", "a", "1")],
    "requests",
    plain,
  );
  expect(rows).toHaveLength(15);
  expect(rows.at(-1)).toMatchObject({ key: "2026-04-04", values: { a: 2 } });
});

test("what is of no project stands beside those, so that a bar is what its day came to, exactly", () => {
  const day = (name: string, requests: number, cost_usd: string) =>
    ({ name, requests, cost_usd, prompt_tokens: 15 * requests, completion_tokens: 0 }) as NamedFigures;
  const days = [
    day("2026-11-01", 3, "0.300000001"),
    day("2026-11-02", 1, "0.10"),
    day("2026-11-03", 0, "0.00"),
  ];
  const parts = [part("2026-11-01", "p", "0.10"), part("2026-11-02", "p", "0.10")];
  expect(withNone(days, parts)).toEqual([
    ...parts,
    { day: "2026-11-01", name: NONE, requests: 2, tokens: 35, cost_usd: "0.200000001" },
  ]);
});
