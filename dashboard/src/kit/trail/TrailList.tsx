import type { ReactNode } from "react";
import { Paged, type PagedQuery } from "@/kit/Paged";
import classes from "./Trail.module.css";

interface Props<Entry> {
  label: string;
  query: PagedQuery<Entry>;
  show: (entry: Entry) => ReactNode;
  /** What is said of a trail without an entry. */
  empty: ReactNode;
}

/** The entries of a trail, newest first, a page at a time. */
export function TrailList<Entry>({ label, query, show, empty }: Props<Entry>) {
  return (
    <Paged query={query} empty={empty}>
      {(entries) => (
        <ul className={classes.list} aria-label={label}>
          {entries.map(show)}
        </ul>
      )}
    </Paged>
  );
}
