import { expect, test } from "vitest";
import { isChatModel } from "./modelKinds";
import type { Model } from "./models";

const model = (id: string, input: string, output: string) =>
  ({ id, pricing: { input_usd_per_1m: input, output_usd_per_1m: output } }) as Model;

test("what is free both ways may be a model that chats", () => {
  expect(isChatModel(model("free", "0", "0"))).toBe(true);
  expect(isChatModel(model("embed", "0.1", "0"))).toBe(false);
});
