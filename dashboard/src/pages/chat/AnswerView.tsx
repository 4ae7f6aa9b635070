import { t } from "@lingui/core/macro";
import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { ChevronLeftIcon, ChevronRightIcon, type LucideIcon, RefreshCwIcon } from "lucide-react";
import { memo, Suspense, useDeferredValue } from "react";
import { CopyButton } from "@/kit/CopyButton";
import { Loading } from "@/kit/Loading";
import { lazily } from "@/kit/lazily";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/numbers";
import type { Live } from "./answering";
import classes from "./Messages.module.css";
import { ProblemNote } from "./ProblemNote";
import { choose, type Message } from "./store";

const Markdown = lazily(() => import("./Markdown")); // the parser is heavy, and a new chat has nothing to parse

interface Props {
  message: Message;
  /** All answers to its question, this one among them. */
  versions: Message[];
  /** While it comes in. */
  live?: Live;
  /** Absent where it cannot be asked for anew. */
  onAgain?: (from: Message) => Promise<void>;
}

/** A model's answer, and what it cost. */
export const AnswerView = memo(function AnswerView({ message, versions, live, onAgain }: Props) {
  const text = useDeferredValue(live?.text ?? message.content); // typing goes before parsing
  const reasoning = live?.reasoning ?? message.reasoning ?? "";
  return (
    <article className={classes.answer} aria-label={t`Answer`} aria-busy={live !== undefined}>
      {reasoning !== "" && (
        <details className={classes.reasoning}>
          <summary>
            {live !== undefined && text === "" ? t`Thinking…` : t`What the model thought`}
            {message.reasoningTokens
              ? ` · ${t`${{ tokens: formatCount(message.reasoningTokens) }} tokens, paid as output`}`
              : ""}
          </summary>
          <div>{reasoning}</div>
        </details>
      )}
      {text !== "" && (
        <Suspense fallback={<Loading />}>
          <Markdown text={text} />
        </Suspense>
      )}
      {live !== undefined ? (
        <div className={classes.caret} />
      ) : (
        <Ending message={message} versions={versions} onAgain={onAgain} />
      )}
    </article>
  );
});

function Ending({ message, versions, onAgain }: Pick<Props, "message" | "versions" | "onAgain">) {
  const { state, problem, content, model, costUsd, promptTokens, completionTokens, isCapped } = message;
  return (
    <>
      {problem !== undefined && <ProblemNote problem={problem} />}
      {isCapped && (
        <Text size="sm" c="dimmed" mt="xs">
          {t`It ends here because it reached the most tokens that it may have, by your settings or for want of balance.`}
        </Text>
      )}
      <div className={classes.footer}>
        {versions.length > 1 && <Versions message={message} versions={versions} />}
        {content !== "" && <CopyButton value={content} what={t`answer`} />}
        {onAgain !== undefined && (
          <Tooltip label={content === "" ? t`Try again` : t`Ask for another answer`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={content === "" ? t`Try again` : t`Ask for another answer`}
              onClick={() => void onAgain(message)}
            >
              <RefreshCwIcon size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <ul className={classes.facts}>
          <li>{model}</li>
          {(state === "stopped" || state === "running") && <li>{t`stopped`}</li>}
          {costUsd !== undefined && (
            <li>
              <Money usd={costUsd} />
            </li>
          )}
          {promptTokens != null && completionTokens != null && (
            <li>
              {t`${{ sent: formatCount(promptTokens) }} tokens in, ${{ received: formatCount(completionTokens) }} out`}
            </li>
          )}
        </ul>
      </div>
    </>
  );
}

/** Which of several answers it is, and the way to the others. The one that is shown is the one that counts. */
function Versions({ message, versions }: Pick<Props, "message" | "versions">) {
  const at = versions.indexOf(message);
  const step = (by: number, label: string, Icon: LucideIcon) => {
    const other = versions[at + by];
    return (
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label}
        disabled={other === undefined}
        onClick={() => other && void choose(other)}
      >
        <Icon size={16} />
      </ActionIcon>
    );
  };
  return (
    <span className={classes.versions}>
      {step(-1, t`Earlier answer`, ChevronLeftIcon)}
      <span>{t`${{ number: at + 1 }} of ${{ all: versions.length }}`}</span>
      {step(1, t`Later answer`, ChevronRightIcon)}
    </span>
  );
}
