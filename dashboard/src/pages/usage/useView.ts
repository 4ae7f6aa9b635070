import { useSearchParams } from "react-router";
import { changeView, readView, type View } from "./view";

/** The view in the address bar, and how to change it. Going back closes a receipt; filters leave no trail of steps. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [search, setSearch] = useSearchParams();
  const change = (changed: Partial<View>) =>
    setSearch((current) => changeView(current, changed), {
      replace: changed.receipt == null,
      preventScrollReset: true,
    });
  return [readView(search), change];
}
