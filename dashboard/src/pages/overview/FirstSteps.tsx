import { t } from "@lingui/core/macro";
import { Button, Text, ThemeIcon, VisuallyHidden } from "@mantine/core";
import { CheckIcon } from "lucide-react";
import { Link } from "react-router";
import { useIsOffered } from "@/app/useIsOffered";
import { useSight } from "@/data/seeing";
import { formatUsd } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import classes from "./FirstSteps.module.css";
import type { Step } from "./steps";

const WORDS: Record<Step["id"], { title: string; text: string; to: string; action: string }> = {
  credit: {
    title: t`Add credit`,
    text: t`Requests are paid from your balance, at the model's price and not a cent more.`,
    to: "/billing",
    action: t`Add credit`,
  },
  key: {
    title: t`Create a key`,
    text: t`It lets your program spend from the balance, within limits that you set.`,
    to: "/start",
    action: t`Create a key`,
  },
  request: {
    title: t`Send the first request`,
    text: t`There is one to paste for your terminal, your program and your coding agent.`,
    to: "/start",
    action: t`Send one`,
  },
  email: {
    title: t`Confirm your e-mail address`,
    text: t`Notices about your balance, and a new password, go there.`,
    to: "/account",
    action: t`Confirm it`,
  },
};

interface Props {
  steps: Step[];
  /** What there is to spend. */
  balance: string;
}

/** What a newcomer does first. The next step has the button that stands out. */
export function FirstSteps({ steps, balance }: Props) {
  const isOffered = useIsOffered();
  const isSeeing = useSight() !== null; // they are somebody else's steps
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <Panel title={t`Welcome. This is how to begin`} lead={t`It takes a few minutes.`}>
      <ol className={classes.steps}>
        {steps.map(({ id, isDone }, index) => {
          const { title, text, to, action } = WORDS[id];
          return (
            <li key={id} className={classes.step} aria-current={id === next?.id ? "step" : undefined}>
              <ThemeIcon variant={isDone ? "filled" : "light"} radius="xl" size={30} aria-hidden>
                {isDone ? <CheckIcon size={17} strokeWidth={2.4} /> : index + 1}
              </ThemeIcon>
              <div>
                <Text fw={600} td={isDone && id !== "credit" ? "line-through" : undefined}>
                  {isDone && <VisuallyHidden>{t`Done:`} </VisuallyHidden>}
                  {id === "credit" && isDone
                    ? t`You have ${{ balance: formatUsd(balance, { rounding: "down" }) }} to spend`
                    : title}
                </Text>
                {!isDone && (
                  <Text size="sm" c="dimmed">
                    {text}
                  </Text>
                )}
              </div>
              {!isDone && !isSeeing && isOffered(to) && (
                <Button
                  component={Link}
                  to={to}
                  size="sm"
                  variant={id === next?.id ? "filled" : "default"}
                  className={classes.action}
                >
                  {action}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
