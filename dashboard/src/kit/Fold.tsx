import { Collapse, UnstyledButton } from "@mantine/core";
import { ChevronRightIcon } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import classes from "./Fold.module.css";

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
      <UnstyledButton
        className={classes.opener}
        aria-expanded={isShown}
        aria-controls={id}
        onClick={() => setOpen(!isShown)}
      >
        <ChevronRightIcon
          size={16}
          aria-hidden
          className={classes.chevron}
          data-open={isShown || undefined}
        />
        {title}
      </UnstyledButton>
      <Collapse expanded={isShown} id={id}>
        {children}
      </Collapse>
    </div>
  );
}
