import { memo, type ReactNode, useRef } from "react";
import { isSame } from "@/kit/isSame";
import { Paged, type PagedQuery } from "@/kit/Paged";
import { NO_ANCHOR, useRows } from "@/kit/rows";
import classes from "./Trail.module.css";

const ENTRY_PX = 48;

interface Props<Entry> {
  label: string;
  query: PagedQuery<Entry>;
  /** As of `Paged`. */
  atFirst?: number;
  show: (entry: Entry) => ReactNode;
  /** What is said of a trail without an entry. */
  empty: ReactNode;
}

/** The entries of a trail, newest first, a page at a time. */
export function TrailList<Entry>({ label, query, atFirst, show, empty }: Props<Entry>) {
  return (
    <Paged query={query} atFirst={atFirst} empty={empty}>
      {(entries) => <Entries label={label} entries={entries} show={show} />}
    </Paged>
  );
}

const Shown = memo(function Shown({ content }: { content: ReactNode }) {
  return content;
}, isSame);

/** The entries that are loaded. Of very many only those near the window are there. */
function Entries<Entry>({
  label,
  entries,
  show,
}: Pick<Props<Entry>, "label" | "show"> & { entries: Entry[] }) {
  const top = useRef<HTMLUListElement>(null);
  const { measure, indices, before, after } = useRows(top, entries.length, ENTRY_PX);
  return (
    <ul ref={top} className={classes.list} aria-label={label}>
      {before > 0 && <li aria-hidden style={{ height: before, ...NO_ANCHOR }} />}
      {indices.map((index) => {
        const entry = entries[index];
        return entry === undefined ? null : (
          <li
            key={index}
            ref={measure}
            data-index={index}
            aria-posinset={index + 1}
            aria-setsize={entries.length}
          >
            <Shown content={show(entry)} />
          </li>
        );
      })}
      {after > 0 && <li aria-hidden style={{ height: after, ...NO_ANCHOR }} />}
    </ul>
  );
}
