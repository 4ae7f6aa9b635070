import { expect, test } from "vitest";
import { firstModel, isChatModel } from "./modelKinds";
import type { Model } from "./models";

const model = (id: string, input: string, output: string) =>
  ({ id, pricing: { input_usd_per_1m: input, output_usd_per_1m: output } }) as Model;

const OFFERED = [
  model("any/*", "1", "1"),
  model("embed", "0.1", "0"),
  model("a", "1", "2"),
  model("b", "1", "2"),
];

test("the first model is one that the key may use, that there is, and that can answer", () => {
  expect(firstModel(null, OFFERED)?.id).toBe("a");
  expect(firstModel(["gone", "b"], OFFERED)?.id).toBe("b");
  expect(firstModel(["embed"], OFFERED)?.id).toBe("embed");
  expect(firstModel(["gone"], OFFERED)).toBeNull();
  expect(firstModel(null, undefined)).toBeUndefined();
});

test("what is free both ways may be a model that chats", () => {
  expect(isChatModel(model("free", "0", "0"))).toBe(true);
  expect(isChatModel(model("embed", "0.1", "0"))).toBe(false);
});
