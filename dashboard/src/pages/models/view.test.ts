import { expect, test } from "vitest";
import type { ModelMeasure } from "@/data/measures";
import type { Model } from "@/data/models";
import { listed, pathOf, readModelsView, writeModelsView } from "./view";

const model = (id: string, output: string, context: number | null, reads: string[] = ["text"]) =>
  ({
    id,
    context_tokens: context,
    architecture: { input_modalities: reads, output_modalities: ["text"] },
    pricing: { input_usd_per_1m: "1", output_usd_per_1m: output, request_usd: "0", multiplier: "1" },
  }) as unknown as Model;

const MODELS = [
  model("big/one", "9", 200_000, ["text", "image"]),
  model("small", "2", null),
  model("embed", "0", 8_000),
];
const CLAUDE = model("claude-x", "3", 1);
const MEASURES = new Map([
  ["small", { model: "small", latency_p50_ms: 90, answered_share: 0.5 } as ModelMeasure],
]);

const names = (query: string) =>
  listed(MODELS, readModelsView(new URLSearchParams(query)), MEASURES).map(({ id }) => id);

test("models are found by the words of their name and by what they are for", () => {
  expect(names("q=ONE+big")).toEqual(["big/one"]);
  expect(names("for=embeddings")).toEqual(["embed"]);
  expect(names("for=images"), "as addresses once said it").toEqual(["big/one"]);
  expect(names("for=chat")).toEqual(["big/one", "small"]);
});

test("a model is found by its maker as well", () => {
  const view = readModelsView(new URLSearchParams("q=anthropic+x"));
  expect(listed([...MODELS, CLAUDE], view, MEASURES)).toEqual([CLAUDE]);
});

test("each order has what nothing is known of last", () => {
  expect(names("")).toEqual(["big/one", "embed", "small"]);
  expect(names("sort=cost&for=chat")).toEqual(["small", "big/one"]);
  expect(names("sort=context")).toEqual(["big/one", "embed", "small"]);
  expect(names("sort=latency")[0]).toBe("small");
  expect(names("sort=answered")[0]).toBe("small");
});

test("an address keeps a view, and no more models than can stand side by side", () => {
  const query =
    "q=a&for=chat&reads=image&reads=file&can=tools&by=OpenAI&by=Z.ai&context=128000&price=0.5&sort=cost&compare=a&compare=b%2Fc";
  expect(writeModelsView(readModelsView(new URLSearchParams(query))).toString()).toBe(query);
  expect(readModelsView(new URLSearchParams("compare=a&compare=a&compare=b")).compared).toEqual(["a", "b"]);
  expect(
    writeModelsView(
      readModelsView(new URLSearchParams("sort=no&for=no&reads=mind&can=fly&context=-1&price=all")),
    ).toString(),
  ).toBe("");
});

test("a model's address holds its name, whatever that is", () => {
  expect(pathOf("a/b c?#%")).toBe("/models/a/b%20c%3F%23%25");
});
