import { Tooltip } from "@mantine/core";
import { cloneElement, type PointerEvent, type ReactElement, useEffect, useState } from "react";

interface Props {
  /** What the tooltip says, which is made up when somebody points at it. */
  label: () => string;
  /** What it is about: an element that takes no focus. */
  children: ReactElement<{ onPointerEnter?: (event: PointerEvent) => void }>;
}

const TAP_MS = 300;

/** A tooltip that is there once somebody points at something: of the hundreds in a table, nobody sees more than one. A
 * finger does not stay to point: what it has touched is told until it touches something else. */
export function Hint({ label, children }: Props) {
  const [pointed, setPointed] = useState<{ isTouch: boolean; at: number } | null>(null);
  useEffect(() => {
    if (pointed?.isTouch !== true) return;
    const close = ({ timeStamp }: Event) => {
      if (timeStamp > pointed.at + TAP_MS) setPointed(null);
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [pointed]);
  if (pointed === null) {
    const point = ({ pointerType, timeStamp }: PointerEvent) =>
      setPointed({ isTouch: pointerType === "touch", at: timeStamp });
    return cloneElement(children, { onPointerEnter: point });
  }
  return (
    <Tooltip label={label()} opened={pointed.isTouch || undefined}>
      {children}
    </Tooltip>
  );
}
