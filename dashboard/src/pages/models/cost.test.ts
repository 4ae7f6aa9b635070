import { expect, test } from "vitest";
import type { Model } from "@/data/models";
import { batchUsd, paidUsd, rates, talkUsd } from "./cost";

const model = (pricing: Record<string, string>) =>
  ({
    id: "m",
    pricing: {
      input_usd_per_1m: "0.10",
      output_usd_per_1m: "0.40",
      request_usd: "0.00",
      multiplier: "1",
      ...pricing,
    },
  }) as unknown as Model;

test("a typical conversation costs its tokens and requests, with the person's multiplier, rounded up", () => {
  expect(talkUsd(model({}))).toBe("0.0015");
  expect(talkUsd(model({ multiplier: "1.25" }))).toBe("0.001875");
  expect(talkUsd(model({ request_usd: "0.001" }))).toBe("0.0065");
  expect(talkUsd(model({ input_usd_per_1m: "0.000001", output_usd_per_1m: "0" }))).toBe("0.000000007");
});

test("a batch costs its requests, each rounded up", () => {
  const batch = { requests: 1_000, read: 1_000, written: 300 };
  expect(batchUsd(model({}), batch)).toBe("0.22");
  expect(batchUsd(model({ multiplier: "2", request_usd: "0.001" }), batch)).toBe("2.44");
  const cheap = model({ input_usd_per_1m: "0.0000001", output_usd_per_1m: "0" });
  expect(batchUsd(cheap, batch)).toBe("0.000001");
  expect(batchUsd(model({}), { ...batch, requests: 0 })).toBe("0.00");
});

test("prices are what the person pays", () => {
  expect(paidUsd("0.10", { multiplier: "1.5" })).toBe("0.15");
  expect(paidUsd("0.10", { multiplier: "0.9999" })).toBe("0.09999");
});

test("a rate that is its side's has no line, and a free request none", () => {
  const shown = (pricing: Record<string, string>) => rates(model(pricing)).map(({ label }) => label);
  expect(
    shown({ cached_input_usd_per_1m: "0.05", cache_write_usd_per_1m: "0.10", reasoning_usd_per_1m: "0.40" }),
  ).toEqual(["Input", "Cached input", "Output"]);
  expect(shown({ reasoning_usd_per_1m: "0.80", search_usd: "0.01" })).toEqual([
    "Input",
    "Output",
    "Reasoning",
    "Each web search",
  ]);
});
