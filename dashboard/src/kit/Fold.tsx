import { Collapse } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { Opener } from "./Opener";

interface Props {
  /** What is folded away. */
  title: string;
  /** Whether it is unfolded at first. */
  opened: boolean;
  /** It is unfolded as long as something in it was refused. */
  hasProblem?: boolean;
  children: ReactNode;
}

/** A part of a form that few need, folded away. */
export function Fold({ title, opened, hasProblem = false, children }: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(opened);
  const isShown = isOpen || hasProblem;
  return (
    <div>
      <Opener isOpen={isShown} controls={id} onClick={() => setOpen(!isShown)}>
        {title}
      </Opener>
      <Collapse expanded={isShown} id={id}>
        {children}
      </Collapse>
    </div>
  );
}
