import { useModels } from "@/data/models";
import { compareUsd } from "@/kit/money";

/** The models that can hold a conversation. The list does not say what a model is for, but one that takes money for what
 * it reads and none for what it writes makes embeddings. */
export function useChatModels() {
  const models = useModels();
  const data = models.data?.filter(({ pricing }) => {
    const isWritingFree = compareUsd(pricing.output_usd_per_1m, "0") === 0;
    return !isWritingFree || compareUsd(pricing.input_usd_per_1m, "0") === 0;
  });
  return { ...models, data };
}
