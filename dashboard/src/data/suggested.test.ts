import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Model } from "./models";
import { claudeModels, suggestedModel, usableModels } from "./suggested";

const model = (id: string, output = "1", parameters?: string[]) =>
  ({
    id,
    architecture: { input_modalities: ["text"], output_modalities: ["text"] },
    pricing: { input_usd_per_1m: "0.1", output_usd_per_1m: output },
    ...(parameters && { supported_parameters: parameters }),
  }) as Model;

const nobody = () => null;
const claude = (...ids: string[]) => claudeModels(ids.map((id) => model(id)));

test("a key's models are those that it may ask and that are offered, each by a name of its own", () => {
  const offered = [model("any/*"), model("a"), model("b")];
  expect(usableModels(null, offered).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(usableModels(["gone", "b", "any/*"], offered).map(({ id }) => id)).toEqual(["b"]);
});

test("one begins with the model that is most asked here, of those that answer", () => {
  const ranks = new Map([
    ["embed", 1],
    ["b", 2],
    ["a", 3],
  ]);
  const offered = [model("0"), model("a"), model("b"), model("embed", "0")];
  expect(suggestedModel(offered, (id) => ranks.get(id) ?? null)?.id).toBe("b");
});

test("where nobody has asked, one begins with the middle by price of what calls tools", () => {
  const tools = ["tools"];
  const offered = [
    model("a-dear", "75", tools),
    model("b-old", "2"),
    model("c-middle", "15", tools),
    model("d-cheap", "0.4", tools),
  ];
  expect(suggestedModel(offered, nobody)?.id).toBe("c-middle");
  expect(suggestedModel([model("b"), model("a")], nobody)?.id).toBe("a");
  expect(suggestedModel([model("embed", "0")], nobody)?.id).toBe("embed");
  expect(suggestedModel([], nobody)).toBeNull();
});

test("of Claude's models the newest Sonnet is asked, however its version is written", () => {
  expect(claude("claude-sonnet-5", "claude-sonnet-5-5", "claude-sonnet-4-8")?.main).toBe("claude-sonnet-5-5");
  expect(claude("anthropic/claude-sonnet-9.5", "anthropic/claude-sonnet-10")?.main).toBe(
    "anthropic/claude-sonnet-10",
  );
  expect(claude("claude-sonnet-4-20250514", "claude-3-7-sonnet-20250219")?.main).toBe(
    "claude-sonnet-4-20250514",
  );
  expect(claude("claude-sonnet-4-5@20250929", "claude-sonnet-4-5")?.main).toBe("claude-sonnet-4-5");
  expect(
    claude("us.anthropic.claude-sonnet-4-20250514-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
      ?.main,
  ).toBe("us.anthropic.claude-sonnet-4-5-20250929-v1:0");
});

test("each size is the newest of its own, or in its absence the one that is asked", () => {
  expect(claude("gpt-5", "claude-haiku-4-5", "claude-opus-4-5", "claude-opus-5")).toEqual({
    main: "claude-opus-5",
    opus: "claude-opus-5",
    sonnet: "claude-opus-5",
    haiku: "claude-haiku-4-5",
  });
  expect(claude("claude-instant")?.main).toBe("claude-instant");
  expect(claude("gpt-5", "acme/claudette")).toBeUndefined();
});

test("of the models with a known price, the rules find one that somebody would choose", () => {
  const read = (path: string) =>
    JSON.parse(readFileSync(new URL(`../../../functions/farebox/pricing/${path}`, import.meta.url), "utf8"));
  const known: Record<string, { supported_parameters: string[]; output_modalities: string[] }> = read(
    "capabilities/data/models.json",
  );
  const prices: Record<string, Record<string, string>> = read("data/prices.json");
  const offered = Object.entries(prices).map(
    ([id, price]) =>
      ({
        id,
        architecture: { output_modalities: known[id]?.output_modalities ?? ["text"] },
        supported_parameters: known[id]?.supported_parameters,
        pricing: {
          input_usd_per_1m: price.input_usd_per_1m ?? "0",
          output_usd_per_1m: price.output_usd_per_1m ?? "0",
        },
      }) as Model,
  );
  const suggested = suggestedModel(offered, nobody)?.id ?? "";
  expect(known[suggested]?.supported_parameters).toContain("tools");
  expect(claudeModels(offered)?.main).toMatch(/^claude-sonnet/);
});
