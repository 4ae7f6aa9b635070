import { isChatModel } from "@/data/modelKinds";
import { useModels } from "@/data/models";

/** The models that can hold a conversation. */
export function useChatModels() {
  const models = useModels();
  return { ...models, data: models.data?.filter(isChatModel) };
}
