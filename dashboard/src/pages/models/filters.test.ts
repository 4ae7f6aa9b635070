import { expect, test } from "vitest";
import type { Model } from "@/data/models";
import { choicesFor, countOf, fits, readFilters, UNFILTERED, untold } from "./filters";

interface Told {
  reads?: string[];
  can?: string[];
  context?: number;
  input?: string;
  multiplier?: string;
  output?: string;
}

const model = (id: string, told: Told = {}) =>
  ({
    id,
    context_tokens: told.context ?? null,
    architecture: { input_modalities: told.reads ?? ["text"], output_modalities: ["text"] },
    pricing: {
      input_usd_per_1m: told.input ?? "1",
      output_usd_per_1m: told.output ?? "2",
      multiplier: told.multiplier ?? "1",
    },
    ...(told.can && { supported_parameters: told.can }),
  }) as unknown as Model;

const MODELS = [
  model("claude-x", { reads: ["text", "image", "file"], can: ["tools", "reasoning"], context: 200_000 }),
  model("gpt-x", { reads: ["text", "image", "audio"], can: ["tools", "structured_outputs"], input: "0.5" }),
  model("acme/small", { can: [], context: 32_000, input: "0.1", multiplier: "1.5" }),
  model("nameless"),
  model("vectors", { output: "0" }),
];

const found = (query: string) =>
  MODELS.filter((each) => fits(each, readFilters(new URLSearchParams(query)))).map(({ id }) => id);

test("a model reads and can do all that is wanted of it, and what nobody has said of it, it cannot", () => {
  expect(found("reads=image")).toEqual(["claude-x", "gpt-x"]);
  expect(found("reads=image&reads=audio")).toEqual(["gpt-x"]);
  expect(found("can=tools")).toEqual(["claude-x", "gpt-x"]);
  expect(found("can=tools&can=structured")).toEqual(["gpt-x"]);
  expect(found("can=reasoning")).toEqual(["claude-x"]);
  expect(untold(MODELS)).toBe(1); // what makes embeddings is asked for none of it
});

test("a model is of one of the makers that are wanted", () => {
  expect(found("by=Anthropic&by=acme")).toEqual(["claude-x", "acme/small"]);
  expect(found("by=other")).toEqual(["nameless", "vectors"]);
  expect(found("by=nobody")).toEqual([]);
});

test("a context of unknown length is not long enough, and a price is as the person pays it", () => {
  expect(found("context=32000")).toEqual(["claude-x", "acme/small"]);
  expect(found("context=128000")).toEqual(["claude-x"]);
  expect(found("price=0.5")).toEqual(["gpt-x", "acme/small"]);
  expect(found("price=0.149")).toEqual([]); // 0.10 times 1.5
  expect(found("price=0.15")).toEqual(["acme/small"]);
});

test("what all models have or none has is offered only where it is chosen", () => {
  expect(choicesFor(MODELS, UNFILTERED)).toEqual({
    uses: ["chat", "embeddings"],
    reads: ["image", "file", "audio"],
    can: ["tools", "reasoning", "structured"],
    makers: ["acme", "Anthropic", "OpenAI", "other"],
    contexts: [32_000, 128_000, 200_000],
    prices: ["0.5"],
  });
  expect(choicesFor([model("echo")], UNFILTERED)).toEqual({
    uses: [],
    reads: [],
    can: [],
    makers: [],
    contexts: [],
    prices: [],
  });
  const chosen = readFilters(
    new URLSearchParams("reads=video&by=xAI&can=tools&for=chat&context=64000&price=20"),
  );
  expect(choicesFor([model("echo")], chosen)).toEqual({
    uses: ["chat", "embeddings"],
    reads: ["video"],
    can: ["tools"],
    makers: ["xAI", "other"],
    contexts: [64_000],
    prices: ["20"],
  });
  expect([countOf(UNFILTERED), countOf(chosen)]).toEqual([0, 6]);
});
