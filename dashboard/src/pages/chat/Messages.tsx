import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { ArrowDownIcon } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { formatUsd } from "@/kit/money";
import { AnswerView } from "./AnswerView";
import { type Live, useLive } from "./answering";
import { chosenOf, heard, isPair, type Lane } from "./lanes";
import classes from "./Messages.module.css";
import { QuestionView } from "./QuestionView";
import { choose, chosen, type Message, unchoose, versionsOf } from "./store";

interface Props {
  messages: Message[];
  /** The models that the next question goes to. */
  lanes: Lane[];
  /** Remove a message and what follows, and ask again: with other words, where some are given. */
  onAgain: (from: Message, edited?: string) => Promise<void>;
}

const SHOWN_AT_FIRST = 40;
const NEAR_PX = 80;

/** What was said. It follows what comes in, unless somebody has scrolled up to read. */
export function Messages({ messages, lanes, onAgain }: Props) {
  const first = useLive(messages[0]?.conversation);
  const beside = useLive(messages[0]?.conversation, true);
  const live = first ?? beside;
  const [limit, setLimit] = useState(SHOWN_AT_FIRST);
  const { scroller, content, isAway, follow } = useFollowing(messages.at(-1)?.id);

  const again = useRef(onAgain);
  again.current = onAgain;
  const askAgain = useCallback((from: Message, edited?: string) => again.current(from, edited), []);

  const shown = useMemo(() => chosen(messages), [messages]);
  const lastQuestion = shown.findLast(({ role }) => role === "user");
  const last = shown.at(-1);
  return (
    <div className={classes.place}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section ref={scroller} className={classes.scroller} aria-label={t`Messages`} tabIndex={0}>
        <div ref={content} className={classes.content}>
          {shown.length > limit && (
            <Button variant="subtle" size="xs" onClick={() => setLimit(limit + SHOWN_AT_FIRST)}>
              {t`Show earlier messages`}
            </Button>
          )}
          {shown
            .slice(-limit)
            .map((message) =>
              message.role === "user" ? (
                <QuestionView
                  key={message.id}
                  message={message}
                  onAgain={message === lastQuestion && live === undefined ? askAgain : undefined}
                />
              ) : (
                <Answers
                  key={message.versionOf ?? message.id}
                  message={message}
                  versions={versionsOf(message, messages)}
                  lives={[first, beside]}
                  lanes={lanes}
                  isLast={message === last}
                  onAgain={message === last && live === undefined ? askAgain : undefined}
                />
              ),
            )}
        </div>
      </section>
      {isAway && (
        <Tooltip label={t`To the latest`}>
          <ActionIcon
            className={classes.down}
            variant="default"
            radius="xl"
            size="lg"
            aria-label={t`To the latest message`}
            onClick={follow}
          >
            <ArrowDownIcon size={18} />
          </ActionIcon>
        </Tooltip>
      )}
      <VisuallyHidden role="status">{told(last, live !== undefined)}</VisuallyHidden>
    </div>
  );
}

interface AnswersProps {
  message: Message;
  versions: Message[];
  lives: (Live | undefined)[];
  lanes: Lane[];
  isLast: boolean;
  onAgain?: (from: Message) => Promise<void>;
}

/** The answer that counts; or two models' side by side, of which one can be chosen for both to go on with. */
function Answers({ message, versions, lives, lanes, isLast, onAgain }: AnswersProps) {
  const liveOf = ({ id }: Message) => lives.find((live) => live?.message === id);
  if (!isPair(versions)) {
    return <AnswerView message={message} versions={versions} live={liveOf(message)} onAgain={onAgain} />;
  }
  const isLive = lives.some((live) => live !== undefined);
  const wasChosen = chosenOf(versions) !== undefined;
  const goOn = new Set(lanes.map((lane) => heard(lane, versions)));
  const isAlone = (version: Message) => goOn.size === 1 && goOn.has(version);
  return (
    <>
      <div className={classes.pair}>
        {versions.map((version) => (
          <div key={version.id} className={classes.half} data-chosen={isAlone(version) || undefined}>
            <AnswerView message={version} versions={ALONE} live={liveOf(version)} />
            <Button
              size="xs"
              variant={isAlone(version) ? "light" : "default"}
              aria-pressed={isAlone(version)}
              disabled={isLive}
              onClick={() => void (isAlone(version) && wasChosen ? unchoose(versions) : choose(version))}
            >
              {isAlone(version) ? t`The chat goes on with this` : t`Go on with this`}
            </Button>
          </div>
        ))}
      </div>
      {isLast && !isLive && goOn.size > 1 && (
        <Text size="sm" c="dimmed" className={classes.goOn}>
          {t`Each model goes on with its own answers. Choose one, and both go on with it.`}
        </Text>
      )}
    </>
  );
}

const ALONE: Message[] = [];

/** Keeps the end in sight as content grows, as long as it was in sight before. A new message brings it back. */
function useFollowing(lastId: string | undefined) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const [isAway, setAway] = useState(false);

  const follow = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    isFollowing.current = true;
    box.scrollTop = box.scrollHeight;
  }, []);

  useEffect(() => {
    const [box, inner] = [scroller.current, content.current];
    if (box === null || inner === null) return;
    let top = box.scrollTop;
    const look = () => {
      const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      // What has come since it was scrolled to the end is no reason to stay behind: somebody who scrolls up is.
      isFollowing.current = isNear || (isFollowing.current && box.scrollTop >= top);
      top = box.scrollTop;
      setAway(!isFollowing.current);
    };
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) follow();
      else look();
    });
    observer.observe(inner);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [follow]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is what it follows to
  useEffect(follow, [lastId, follow]);

  return { scroller, content, isAway, follow };
}

/** For those who do not see the answer come: that it comes, and that it is there. */
function told(last: Message | undefined, isLive: boolean): string {
  if (isLive) return t`The answer is coming in`;
  if (last?.role !== "assistant") return "";
  if (last.state === "done") {
    return last.costUsd
      ? t`The answer is complete, and cost ${{ cost: formatUsd(last.costUsd) }}`
      : t`The answer is complete`;
  }
  return last.state === "failed" ? t`The answer failed` : t`The answer was stopped`;
}
