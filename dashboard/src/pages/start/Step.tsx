import { t } from "@lingui/core/macro";
import { Text, ThemeIcon, Title, VisuallyHidden } from "@mantine/core";
import { CheckIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Step.module.css";

interface Props {
  number: number;
  title: string;
  lead?: ReactNode;
  isDone: boolean;
  /** Whether it is the one to do now. */
  isNext: boolean;
  children?: ReactNode;
}

/** One step of a way, within an `<ol>`. */
export function Step({ number, title, lead, isDone, isNext, children }: Props) {
  return (
    <li className={classes.step} aria-current={isNext ? "step" : undefined}>
      <div className={classes.rail}>
        <ThemeIcon variant={isDone || isNext ? "filled" : "light"} radius="xl" size={30} aria-hidden>
          {isDone ? <CheckIcon size={17} strokeWidth={2.4} /> : number}
        </ThemeIcon>
      </div>
      <div className={classes.content}>
        <Title order={2} size="h3" lh="30px">
          {isDone && <VisuallyHidden>{t`Done:`} </VisuallyHidden>}
          {title}
        </Title>
        {lead !== undefined && (
          <Text c="dimmed" size="sm" maw="65ch">
            {lead}
          </Text>
        )}
        {children}
      </div>
    </li>
  );
}
