import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Text, Title, Tooltip } from "@mantine/core";
import { useLiveQuery } from "dexie-react-hooks";
import { MessageSquareOffIcon, PanelLeftIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useRefreshWallet, useShowBalance } from "@/data/wallet";
import { Empty } from "@/kit/Empty";
import { Loading } from "@/kit/Loading";
import { Money } from "@/kit/Money";
import { notifyProblem } from "@/kit/notify";
import { randomId } from "@/kit/randomId";
import { isSuspended, Suspended } from "@/kit/Suspended";
import { answering, findCost } from "./answering";
import type { Attached } from "./attached";
import { Composer, type ComposerHandle } from "./Composer";
import classes from "./ConversationPane.module.css";
import { lanesOf } from "./lanes";
import { Messages } from "./Messages";
import { keepSettings, lastSettings } from "./settings";
import { useShortcuts } from "./shortcuts";
import {
  addMessage,
  type Conversation,
  createConversation,
  db,
  type Message,
  readConversation,
  readMessages,
  removeFrom,
  type Settings,
} from "./store";
import { useChatModels } from "./useChatModels";
import { Welcome } from "./Welcome";

interface Props {
  uid: string;
  /** `null`: a new conversation, which is kept once something is asked. */
  id: string | null;
  onBegun: (id: string) => void;
  /** On narrow screens: opens the list of conversations. */
  onShowHistory?: () => void;
}

/** A conversation, and where it goes on. */
export function ConversationPane({ uid, id, onBegun, onShowHistory }: Props) {
  const [query] = useSearchParams();
  const [draft, setDraft] = useState<Settings>(() => {
    const last = lastSettings(uid);
    return { ...last, model: query.get("model") ?? last.model }; // a model's own page leads here with it
  });
  const composer = useRef<ComposerHandle>(null);
  const models = useChatModels();
  const showBalance = useShowBalance();
  const refreshWallet = useRefreshWallet();
  const conversation = useLiveQuery(() => (id === null ? null : readConversation(uid, id)), [uid, id]);
  const messages = useLiveQuery(() => (id === null ? [] : readMessages(id)), [id]);
  useMissingCosts(id, messages);
  useShortcuts(id ?? "", () => composer.current?.focus());

  async function change(changes: Partial<Settings>) {
    if (conversation) await db.conversations.update(conversation.id, changes);
    else setDraft({ ...draft, ...changes });
    keepSettings(uid, { ...(conversation ?? draft), ...changes });
  }

  async function answer(asked: Conversation, wanted?: Parameters<typeof answering.answer>[1]) {
    try {
      const balance = await answering.answer(asked, wanted);
      if (balance !== null) showBalance(balance);
      else void refreshWallet();
    } catch (error) {
      notifyProblem(error, t`The question was not sent`);
    }
  }

  async function send(text: string, files: Attached[]) {
    const begun = id ?? (await createConversation(uid, draft, text || (files[0]?.name ?? "")));
    await addMessage({
      conversation: begun,
      role: "user",
      content: text,
      ...(files.length > 0 && { files }),
    });
    if (id === null) onBegun(begun);
    const asked = await readConversation(uid, begun);
    if (asked !== null) void answerAll(asked);
  }

  /** Each model that the conversation asks answers its last question. */
  async function answerAll(asked: Conversation) {
    const lanes = lanesOf(asked);
    const shared = lanes.length > 1 ? { slot: randomId() } : {};
    await Promise.all(
      lanes.map(({ model, isBeside }) => answer({ ...asked, model }, { ...shared, isBeside })),
    );
  }

  async function again(from: Message, edited?: string) {
    if (!conversation || answering.isBusy(conversation.id)) return;
    composer.current?.focus(); // the button that was pressed goes
    if (from.role === "assistant" && from.content !== "") {
      await answer(conversation, { slot: from.versionOf ?? from.id }); // what it cost is paid: it is kept beside the new one
      return;
    }
    await removeFrom(from);
    if (edited !== undefined) {
      const { files } = from;
      await addMessage({
        conversation: conversation.id,
        role: "user",
        content: edited,
        ...(files && { files }),
      });
    }
    await answerAll(conversation);
  }

  const isKnown = id === null || (conversation !== undefined && messages !== undefined);
  const title = conversation?.title ?? t`New chat`;
  return (
    <section className={classes.pane} aria-label={t`Conversation`}>
      <title>{`${title} · Farebox`}</title>
      <header className={classes.header}>
        {onShowHistory !== undefined && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            onClick={onShowHistory}
            aria-label={t`Conversations`}
          >
            <PanelLeftIcon size={20} strokeWidth={1.7} />
          </ActionIcon>
        )}
        <Title order={1} size="h3" className={classes.title}>
          {title}
        </Title>
        {conversation && (
          <Tooltip label={t`What all answers of this conversation cost`}>
            <Text size="sm" c="dimmed" className={classes.spent}>
              <Trans>
                <Money usd={conversation.spentUsd} /> spent
              </Trans>
            </Text>
          </Tooltip>
        )}
      </header>
      {!isKnown ? (
        <div className={classes.place}>
          <Loading as="rows" />
        </div>
      ) : id !== null && !conversation ? (
        <div className={classes.place}>
          <Empty
            icon={MessageSquareOffIcon}
            title={t`This conversation is not here`}
            action={
              <Button component={Link} to="/chat" mt="sm">
                {t`New chat`}
              </Button>
            }
          >
            {t`Conversations are kept in the browser where they were held. It was deleted, or is in another one.`}
          </Empty>
        </div>
      ) : (
        <>
          {messages === undefined || messages.length === 0 ? (
            <Welcome />
          ) : (
            <Messages messages={messages} lanes={lanesOf(conversation ?? draft)} onAgain={again} />
          )}
          {isSuspended(models.error) && (
            <div className={classes.notice}>
              <Suspended />
            </div>
          )}
          <Composer
            ref={composer}
            settings={conversation ?? draft}
            conversation={id ?? undefined}
            onChange={(changes) => void change(changes)}
            onSend={send}
          />
        </>
      )}
    </section>
  );
}

/** Looks up the costs that were not known when the page was closed, once a visit. */
function useMissingCosts(id: string | null, messages: Message[] | undefined): void {
  const isLoaded = messages !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the messages that were there
  useEffect(() => {
    if (id === null || messages === undefined || answering.isBusy(id)) return;
    for (const message of messages) {
      const { role, state, content } = message;
      if (role === "assistant" && state !== "done" && (state !== "failed" || content !== ""))
        void findCost(message);
    }
  }, [id, isLoaded]);
}
