import { expect, test } from "vitest";
import {
  isDated,
  isTierName,
  isTierStart,
  NO_SERVICE_TIER,
  NO_TIER,
  placeOf,
  sayJump,
  sayMove,
  toEntry,
  typedFrom,
} from "./entry";
import type { PriceAsSet } from "./prices";

const SET: PriceAsSet = {
  input_usd_per_1m: "2.50",
  output_usd_per_1m: "10.00",
  cached_input_usd_per_1m: "1.25",
  cache_write_usd_per_1m: null,
  cache_write_1h_usd_per_1m: "5.00",
  audio_input_usd_per_1m: null,
  reasoning_usd_per_1m: null,
  audio_output_usd_per_1m: null,
  tiers: [{ above_prompt_tokens: 200_000, input_usd_per_1m: "5.00", output_usd_per_1m: "15.00" }],
  search_usd: "0.01",
  tools_usd: { file_search: "0.0025" },
  request_usd: "0.00",
  context_tokens: 128000,
  max_output_tokens: null,
  source: null,
  dated: "2026-11-12",
};

const UNTOLD = { input_modalities: null, output_modalities: null, supported_parameters: null };

test("a price that nobody changed is sent as it was set", () => {
  expect(toEntry(typedFrom(SET), SET)).toEqual({ ...SET, request_usd: null, service_tiers: null, ...UNTOLD });
});

test("tiers of longer prompts are set, taken away and put in order, and what is not shown of one stays", () => {
  const kept = { above_prompt_tokens: 200_000, input_usd_per_1m: "5.00", output_usd_per_1m: "15.00" };
  const set: PriceAsSet = { ...SET, tiers: [{ ...kept, cached_input_usd_per_1m: "2.50" }] };
  const typed = typedFrom(set);
  const rates = { input_usd_per_1m: "4", output_usd_per_1m: "12", cached_input_usd_per_1m: "" };
  const more = { above_prompt_tokens: "100,000", ...rates };
  expect(toEntry({ ...typed, tiers: [...typed.tiers, more] }, set).tiers).toEqual([
    { above_prompt_tokens: 100_000, input_usd_per_1m: "4.00", output_usd_per_1m: "12.00" },
    { ...kept, cached_input_usd_per_1m: "2.50" },
  ]);
  expect(toEntry({ ...typed, tiers: [] }, set).tiers).toBeNull();
});

test("service tiers are set, changed and taken away, and what is not shown of one stays", () => {
  const longer = [{ above_prompt_tokens: 200_000, input_usd_per_1m: "2.50", output_usd_per_1m: "7.50" }];
  const flex = { input_usd_per_1m: "1.25", output_usd_per_1m: "5.00", tiers: longer };
  const set: PriceAsSet = { ...SET, service_tiers: { flex } };
  const typed = typedFrom(set);
  expect(toEntry(typed, set).service_tiers).toEqual({ flex });
  const [first] = typed.service_tiers;
  const more = {
    ...NO_SERVICE_TIER,
    name: " priority ",
    input_usd_per_1m: "5",
    output_usd_per_1m: "20",
    cached_input_usd_per_1m: "2.5",
  };
  const changed = first === undefined ? [] : [{ ...first, input_usd_per_1m: "1" }, more];
  expect(toEntry({ ...typed, service_tiers: changed }, set).service_tiers).toEqual({
    flex: { ...flex, input_usd_per_1m: "1.00" },
    priority: { input_usd_per_1m: "5.00", output_usd_per_1m: "20.00", cached_input_usd_per_1m: "2.50" },
  });
  expect(toEntry({ ...typed, service_tiers: [] }, set).service_tiers).toBeNull();
});

test("a service tier has rates of its own for longer prompts, in their order, or none", () => {
  const kept = { above_prompt_tokens: 200_000, input_usd_per_1m: "2.50", output_usd_per_1m: "7.50" };
  const flex = {
    input_usd_per_1m: "1.25",
    output_usd_per_1m: "5.00",
    tiers: [{ ...kept, reasoning_usd_per_1m: "9.00" }],
  };
  const set: PriceAsSet = { ...SET, service_tiers: { flex } };
  const typed = typedFrom(set);
  const row = typed.service_tiers[0] ?? NO_SERVICE_TIER;
  const shorter = {
    ...NO_TIER,
    above_prompt_tokens: "64,000",
    input_usd_per_1m: "2",
    output_usd_per_1m: "6",
  };
  const withMore = { ...row, tiers: [...row.tiers, shorter] };
  expect(toEntry({ ...typed, service_tiers: [withMore] }, set).service_tiers?.flex?.tiers).toEqual([
    { above_prompt_tokens: 64_000, input_usd_per_1m: "2.00", output_usd_per_1m: "6.00" },
    { ...kept, reasoning_usd_per_1m: "9.00" },
  ]);
  const without = toEntry({ ...typed, service_tiers: [{ ...row, tiers: [] }] }, set).service_tiers?.flex;
  expect(without?.tiers).toBeUndefined();
});

test("what a model can do is sent as it is chosen, and not at all where nothing is", () => {
  const set: PriceAsSet = { ...SET, input_modalities: ["text", "image"] };
  const typed = typedFrom(set);
  expect(typed.input_modalities).toEqual(["text", "image"]);
  expect(toEntry({ ...typed, input_modalities: [], supported_parameters: ["tools"] }, set)).toMatchObject({
    ...UNTOLD,
    supported_parameters: ["tools"],
  });
});

test.each([
  ["", undefined, true],
  ["2026-11-12", undefined, true],
  ["2026-02-30", undefined, false],
  ["last week", undefined, false],
  ["last week", "last week", true],
])("whether a price may be dated %j where %j was set: %j", (typed, set, may) => {
  expect(isDated(typed, set) === null).toBe(may);
});

const TYPED = {
  tiers: ["200,000", "50", "50 ", "7"].map((tokens) => ({ ...NO_TIER, above_prompt_tokens: tokens })),
  service_tiers: ["flex", " priority ", "twice", "twice"].map((name) => ({
    ...NO_SERVICE_TIER,
    name,
    tiers: ["9", "5"].map((tokens) => ({ ...NO_TIER, above_prompt_tokens: tokens })),
  })),
};

test.each([
  ["tiers[0].above_prompt_tokens", "tiers.3.above_prompt_tokens"],
  ["tiers[2].input_usd_per_1m", "tiers.2.input_usd_per_1m"],
  ["tiers[3].output_usd_per_1m", "tiers.0.output_usd_per_1m"],
  ["service_tiers.priority.input_usd_per_1m", "service_tiers.1.input_usd_per_1m"],
  ["service_tiers.flex.tiers[0].input_usd_per_1m", "service_tiers.0.tiers.1.input_usd_per_1m"],
  ["service_tiers.none.input_usd_per_1m", "service_tiers.none.input_usd_per_1m"],
  ["service_tiers", "service_tiers"],
  ["tiers[9].input_usd_per_1m", "tiers[9].input_usd_per_1m"],
  ["dated", "dated"],
])("what the API calls %s is told at %s, if that is shown", (param, path) => {
  expect(placeOf(param, TYPED)).toBe(path);
});

test.each([
  ["flex", true],
  [" priority ", true],
  ["Flex", false],
  ["twice", false],
  ["default", false],
  ["standard", false],
  ["auto ", false],
  ["search", false],
  ["audio_input", false],
])("whether a service tier may be called %j: %j", (name, may) => {
  expect(isTierName(name, TYPED.service_tiers) === null).toBe(may);
});

test.each([
  ["200,000", true],
  ["200000", true],
  ["50", false],
  ["", false],
  ["0", false],
])("whether a tier may begin above %j tokens: %j", (tokens, may) => {
  expect(isTierStart(tokens, TYPED.tiers) === null).toBe(may);
});

test("what follows from a price that is changed is not sent with it", () => {
  const typed = { ...typedFrom(SET), input_usd_per_1m: "3", cached_input_usd_per_1m: "" };
  expect(toEntry(typed, SET)).toEqual({
    ...SET,
    input_usd_per_1m: "3.00",
    cached_input_usd_per_1m: null,
    request_usd: null,
    service_tiers: null,
    ...UNTOLD,
  });
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

test.each([
  ["input_usd_per_1m", "Input would go from $1.00 to $20.00."],
  [
    "service_tiers.flex.tiers[above 200000].cached_input_usd_per_1m",
    "Cached input, Service tier flex, Above 200,000 tokens would go from $1.00 to $20.00.",
  ],
  ["tools_usd.file_search", "file search would go from $1.00 to $20.00."],
  ["tools_usd.speed.fast", "speed.fast would go from $1.00 to $20.00."],
])("of a jump of %s the form says: %s", (field, said) => {
  const words = `The price of echo: ${field} would go from 1.00 to 20.00, by a factor of 10 or more. Send it with force.`;
  expect(sayJump(words, field)).toBe(said);
});

test("a jump that is told otherwise is told in the API's words", () => {
  expect(sayJump("That is too much.", "")).toBe("That is too much.");
});
