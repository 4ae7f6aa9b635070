import { useMay } from "@/data/organisations";
import { itemOf } from "./navigation";

/** Whether one's role in the organisation offers the page that a path leads to. */
export function useIsOffered(): (path: string) => boolean {
  const may = useMay();
  return (path) => {
    const right = itemOf(path.split("?")[0] ?? path)?.right;
    return right === undefined || may(right);
  };
}
