import { useSyncExternalStore } from "react";
import { api, unwrap } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { randomId } from "@/kit/randomId";
import { session } from "@/session/session";
import { partsOf } from "./attached";
import { chatKey, replaceChatKey } from "./chatKey";
import { type Ask, complete, type Outcome, type Prompt } from "./completion";
import { toldTo } from "./lanes";
import { addMessage, type Conversation, type Message, noteOutcome, readMessages } from "./store";

/** An answer that is coming in. */
export interface Live {
  message: string;
  text: string;
  reasoning: string;
}

interface Wanted {
  slot?: string;
  isBeside?: boolean;
}

const LANES = [false, true];

/** Two answers may come in at a conversation at once, side by side. */
function laneOf(conversation: string, isBeside = false): string {
  return isBeside ? `${conversation} beside` : conversation;
}

const SAVE_EVERY_MS = 1_000;
const RECEIPT_AFTER_MS = 800;
/** The books on an answer that was stopped may stay open for twenty seconds: the server listens on to what it cost. */
const RECEIPT_WITHIN_MS = 60_000;

/**
 * The answers that come in, one a conversation. They belong to the tab and not to a page of it: who looks at another
 * page meanwhile finds them finished.
 */
class Answering {
  private live = new Map<string, Live>();
  private stops = new Map<string, AbortController>();
  private listeners = new Set<() => void>();
  private isTold = false;

  constructor() {
    session.subscribe(() => {
      if (session.state() === "signed-out") for (const stop of this.stops.values()) stop.abort();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  of(conversation: string, isBeside = false): Live | undefined {
    return this.live.get(laneOf(conversation, isBeside));
  }

  isBusy(conversation: string): boolean {
    return LANES.some((isBeside) => this.stops.has(laneOf(conversation, isBeside)));
  }

  stop(conversation: string): void {
    for (const isBeside of LANES) this.stops.get(laneOf(conversation, isBeside))?.abort();
  }

  /**
   * Have a conversation's last question answered. With a `slot` it is one of several answers to it, and of two that come
   * in at once one is `isBeside` the other. Answers the balance that is left, where it was told.
   */
  async answer(conversation: Conversation, { slot, isBeside = false }: Wanted = {}): Promise<string | null> {
    const lane = laneOf(conversation.id, isBeside);
    if (this.stops.has(lane)) return null;
    const stop = new AbortController();
    this.stops.set(lane, stop);
    try {
      const ask = await this.prepare(conversation, isBeside, slot);
      const requestId = `chat_${randomId()}`;
      const shared = { conversation: conversation.id, model: conversation.model, requestId };
      const message = await addMessage({
        ...shared,
        ...(slot !== undefined && { versionOf: slot }),
        ...(isBeside && { isBeside }),
        role: "assistant",
        content: "",
        state: "running",
      });
      return message === null ? null : await this.listen(conversation.uid, message, ask, stop.signal);
    } finally {
      this.stops.delete(lane);
      this.live.delete(lane);
      this.tell();
    }
  }

  private async prepare(conversation: Conversation, isBeside: boolean, slot?: string): Promise<Ask> {
    const said = toldTo({ model: conversation.model, isBeside }, await readMessages(conversation.id));
    const messages: Prompt[] = said
      .filter(
        ({ content, files, id, versionOf }) =>
          (content !== "" || files) && (slot === undefined || (versionOf ?? id) !== slot),
      )
      .map(({ role, content, files }) => ({ role, content: files ? partsOf(content, files) : content }));
    const { model, system, temperature, maxTokens } = conversation;
    if (system.trim() !== "") messages.unshift({ role: "system", content: system });
    return {
      model,
      messages,
      ...(temperature === null ? {} : { temperature }),
      ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    };
  }

  private async listen(uid: string, message: Message, ask: Ask, signal: AbortSignal): Promise<string | null> {
    const heard = { message: message.id, text: "", reasoning: "" };
    let savedAt = Date.now();
    const hear = (more: Partial<Record<"text" | "reasoning", string>>) => {
      heard.text += more.text ?? "";
      heard.reasoning += more.reasoning ?? "";
      this.show(message, { ...heard });
      if (Date.now() - savedAt < SAVE_EVERY_MS) return;
      savedAt = Date.now();
      void noteOutcome(message.id, content(heard)); // for the case that the page is closed
    };
    this.show(message, { ...heard });
    try {
      const told = await this.askWithKey(uid, (key) =>
        complete(ask, {
          key,
          requestId: message.requestId ?? "",
          signal,
          onText: (text) => hear({ text }),
          onReasoning: (reasoning) => hear({ reasoning }),
        }),
      );
      await noteOutcome(message.id, { ...content(heard), ...ended(told) });
      return told.balanceUsd;
    } catch (error) {
      if (signal.aborted) {
        await noteOutcome(message.id, { ...content(heard), state: "stopped" });
      } else {
        const { message: text, code, status } = asProblem(error);
        const problem = { message: text, code, status };
        await noteOutcome(message.id, { ...content(heard), state: "failed", problem });
      }
      // What was refused before its first word has cost nothing, and has no receipt.
      if (signal.aborted || heard.text !== "") void findCost({ ...message, ...content(heard) });
      return null;
    }
  }

  /** A key that was revoked meanwhile is replaced, once. Such a refusal costs nothing. */
  private async askWithKey(uid: string, ask: (key: string) => Promise<Outcome>): Promise<Outcome> {
    const key = await chatKey(uid);
    try {
      return await ask(key);
    } catch (error) {
      if (!isKeyRefused(asProblem(error))) throw error;
      return ask(await replaceChatKey(uid, key));
    }
  }

  private show({ conversation, isBeside }: Message, live: Live): void {
    this.live.set(laneOf(conversation, isBeside), live);
    this.tell();
  }

  /** Tells of changes once a frame: some models send hundreds of pieces a second. */
  private tell(): void {
    if (this.isTold) return;
    this.isTold = true;
    const listeners = () => {
      this.isTold = false;
      for (const listener of this.listeners) listener();
    };
    if (document.hidden) setTimeout(listeners, 0);
    else requestAnimationFrame(listeners);
  }
}

export const answering = new Answering();

/** The answer that comes in at a conversation right now, or the one beside it. */
export function useLive(conversation: string | undefined, isBeside = false): Live | undefined {
  return useSyncExternalStore(answering.subscribe, () =>
    conversation === undefined ? undefined : answering.of(conversation, isBeside),
  );
}

/** Looks up what an answer cost that did not tell it itself, because it was stopped or broke off. */
export async function findCost({ id, requestId, content: text, costUsd }: Message): Promise<void> {
  if (requestId === undefined || costUsd !== undefined) return;
  let waited = 0;
  for (let wait = RECEIPT_AFTER_MS; waited < RECEIPT_WITHIN_MS; wait *= 1.5) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    waited += wait;
    try {
      const path = { request_id: requestId };
      const receipt = await unwrap(api().GET("/api/usage/receipts/{request_id}", { params: { path } }));
      if (receipt.status === "pending") continue; // the books close once the server has noticed
      await noteOutcome(id, { costUsd: receipt.charged_usd });
      return;
    } catch (error) {
      if (asProblem(error).status !== 404) return; // another visit tries again
      if (text === "") return; // refused before anything was paid for
    }
  }
}

function content({ text, reasoning }: { text: string; reasoning: string }): Partial<Message> {
  return reasoning === "" ? { content: text } : { content: text, reasoning };
}

function ended(told: Outcome): Partial<Message> {
  const { promptTokens, completionTokens, reasoningTokens, isCapped, costUsd } = told;
  return {
    state: "done",
    promptTokens,
    completionTokens,
    reasoningTokens,
    isCapped,
    ...(costUsd === null ? {} : { costUsd }),
  };
}

function isKeyRefused(problem: Problem): boolean {
  return problem.status === 401;
}
