import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";

const AHEAD = 6;
const FEW = 200;

/** Of a long list, which rows are there, and how high what is above and below them would be: those that nobody has seen yet
 * are taken to be `rowPx` high, and the end lies where that says. Few are all there, also to be printed. */
export function useRows<Top extends HTMLElement>(top: RefObject<Top | null>, count: number, rowPx: number) {
  const [margin, setMargin] = useState(0);
  const rows = useWindowVirtualizer({
    count,
    estimateSize: () => rowPx,
    overscan: AHEAD,
    scrollMargin: margin,
  });
  useLayoutEffect(() => {
    if (rows.isScrolling) return; // which is asked for layouts enough
    const box = top.current?.getBoundingClientRect();
    const now = Math.round((box?.top ?? 0) + window.scrollY);
    if (now !== margin) setMargin(now); // what is above it has grown or shrunk
  });
  const known = useRef(rowPx);
  useLayoutEffect(() => {
    if (known.current === rowPx) return;
    known.current = rowPx;
    rows.measure(); // each is of another height now
  }, [rows, rowPx]);
  const items = rows.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  const { measureElement: measure } = rows;
  if (count <= FEW || first === undefined || last === undefined) {
    return {
      measure,
      indices: Array.from({ length: Math.min(count, FEW) }, (_, row) => row),
      before: 0,
      after: 0,
    };
  }
  return {
    measure,
    indices: items.map(({ index }) => index),
    before: first.start - margin,
    after: rows.getTotalSize() - (last.end - margin),
  };
}

/** How a place is where rows are not: once they are, it is elsewhere, and who looked at it is not to be taken there. */
export const NO_ANCHOR = { overflowAnchor: "none" } as const;

/** The place in a table of rows that are not there. */
export function Gap({ height }: { height: number }) {
  return (
    <tr data-gap style={NO_ANCHOR}>
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
