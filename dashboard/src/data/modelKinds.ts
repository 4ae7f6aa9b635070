import { compareUsd } from "@/kit/money";
import type { Model } from "./models";

/** Whether a model can hold a conversation. The list does not say what a model is for, but one that takes money for what
 * it reads and none for what it writes makes embeddings. A pattern is no model's name. */
export function isChatModel({ pricing }: Pick<Model, "pricing">): boolean {
  const isWritingFree = compareUsd(pricing.output_usd_per_1m, "0") === 0;
  return !isWritingFree || compareUsd(pricing.input_usd_per_1m, "0") === 0;
}

/** Whether a name stands for several models: nothing can be asked by it. */
export function isPattern({ id }: Pick<Model, "id">): boolean {
  return id.includes("*");
}
