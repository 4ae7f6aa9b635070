import { useSearchParams } from "react-router";
import { MOST_COMPARED, type ModelsView, readModelsView, writeModelsView } from "./view";

/** The view in the address, and how to change it, which leaves no trail of steps behind. */
export function useModelsView() {
  const [query, setQuery] = useSearchParams();
  const view = readModelsView(query);
  const change = (changed: Partial<ModelsView>) =>
    setQuery((current) => writeModelsView({ ...readModelsView(current), ...changed }), {
      replace: true,
      preventScrollReset: true,
    });
  const compare = (model: string, isWanted: boolean) => {
    const others = view.compared.filter((each) => each !== model);
    change({ compared: isWanted ? [...others, model].slice(-MOST_COMPARED) : others });
  };
  return { view, change, compare };
}
