import { useSearchParams } from "react-router";
import { changeView, readView, type View } from "./view";

/** The view in the address bar, and how to change it, which leaves no trail of steps behind. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [search, setSearch] = useSearchParams();
  const change = (changed: Partial<View>) =>
    setSearch((current) => changeView(current, changed), {
      replace: true,
      preventScrollReset: true,
    });
  return [readView(search), change];
}
