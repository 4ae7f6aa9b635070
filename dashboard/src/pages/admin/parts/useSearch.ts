import { useSearchParams } from "react-router";

/** What a list is narrowed to, kept in the page's address so that it can be shared and gone back to. */
export function useSearch(name: string): [string, (value: string | null) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (value: string | null) =>
    setSearch(
      (former) => {
        const next = new URLSearchParams(former);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return [search.get(name) ?? "", set];
}
