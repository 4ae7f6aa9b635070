import { UnstyledButton } from "@mantine/core";
import { ChevronRightIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Opener.module.css";

interface Props {
  isOpen: boolean;
  /** The id of what it opens. */
  controls: string;
  onClick: () => void;
  children: ReactNode;
}

/** Opens and closes what is below it. */
export function Opener({ isOpen, controls, onClick, children }: Props) {
  return (
    <UnstyledButton
      className={classes.opener}
      aria-expanded={isOpen}
      aria-controls={controls}
      onClick={onClick}
    >
      <ChevronRightIcon size={16} aria-hidden className={classes.chevron} data-open={isOpen || undefined} />
      {children}
    </UnstyledButton>
  );
}
