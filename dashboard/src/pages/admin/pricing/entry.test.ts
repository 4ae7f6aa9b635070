import { expect, test } from "vitest";
import { sayMove, toEntry, typedFrom } from "./entry";
import type { Price } from "./prices";

const PRICE: Price = {
  model: "gpt",
  version: "1",
  effective_at: "2026-11-25T12:00:00Z",
  input_usd_per_1m: "2.50",
  output_usd_per_1m: "10.00",
  cached_input_usd_per_1m: "1.25",
  cache_write_usd_per_1m: "2.50",
  audio_input_usd_per_1m: "2.50",
  reasoning_usd_per_1m: "10.00",
  audio_output_usd_per_1m: "10.00",
  cache_write_1h_usd_per_1m: null,
  image_input_usd_per_1m: null,
  image_output_usd_per_1m: null,
  tiers: [],
  service_tiers: {},
  search_usd: null,
  tools_usd: {},
  request_usd: "0.00",
  context_tokens: 128000,
  max_output_tokens: null,
  source: null,
  dated: "2026-11-12",
};

test("a class that costs what its side costs follows it when the side changes", () => {
  const typed = { ...typedFrom(PRICE), input_usd_per_1m: "3" };
  expect(toEntry(typed)).toEqual({
    input_usd_per_1m: "3.00",
    output_usd_per_1m: "10.00",
    cached_input_usd_per_1m: "1.25",
    cache_write_usd_per_1m: null,
    audio_input_usd_per_1m: null,
    reasoning_usd_per_1m: null,
    audio_output_usd_per_1m: null,
    request_usd: null,
    context_tokens: 128000,
    max_output_tokens: null,
    source: null,
    dated: "2026-11-12",
  });
});

test("what the form does not show stays as it was", () => {
  const price: Price = { ...PRICE, search_usd: "0.01", tools_usd: { file_search: "0.0025" } };
  const entry = toEntry(typedFrom(price), price);
  expect([entry.search_usd, entry.tools_usd, entry.tiers]).toEqual(["0.01", { file_search: "0.0025" }, []]);
});

test.each([
  ["2.50", "3.00", "+20%"],
  ["2.50", "2.00", "−20%"],
  ["2.50", "31.25", "12.5 times as much"],
  ["2.50", "25.00", "10 times as much"],
  ["1000.00", "1000.000001", "a little more"],
  ["2.50", "2.5", null],
  ["0.00", "2.5", null],
])("from %s to %s is %s", (before, after, said) => {
  expect(sayMove(before, after)).toBe(said);
});
