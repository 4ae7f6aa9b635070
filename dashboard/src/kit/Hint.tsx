import { Tooltip } from "@mantine/core";
import { cloneElement, type ReactElement, useState } from "react";

interface Props {
  /** What the tooltip says, which is made up when somebody points at it. */
  label: () => string;
  /** What it is about: an element that takes no focus. */
  children: ReactElement<{ onPointerEnter?: () => void }>;
}

/** A tooltip that is there once somebody points at something: of the hundreds in a table, nobody sees more than one. */
export function Hint({ label, children }: Props) {
  const [isWanted, setWanted] = useState(false);
  if (!isWanted) return cloneElement(children, { onPointerEnter: () => setWanted(true) });
  return <Tooltip label={label()}>{children}</Tooltip>;
}
