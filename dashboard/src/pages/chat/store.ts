import { t } from "@lingui/core/macro";
import Dexie, { type EntityTable } from "dexie";
import { sumUsd } from "@/kit/money";
import { randomId } from "@/kit/randomId";
import type { Attached } from "./attached";

/** How a conversation asks. `null` leaves it to the model. */
export interface Settings {
  model: string;
  system: string;
  temperature: number | null;
  maxTokens: number | null;
  /** The model that answers beside the first one, if any. */
  second?: string | null;
}

export interface Conversation extends Settings {
  id: string;
  /** Whose it is: several people may use this browser. */
  uid: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  /** What all its answers cost, those that were asked for anew included. */
  spentUsd: string;
}

export interface Message {
  id: string;
  conversation: string;
  uid: string;
  position: number;
  role: "user" | "assistant";
  content: string;
  /** What a model thought aloud before it answered. */
  reasoning?: string;
  at: number;
  /** Of answers: `running` while they come, or for good where the page was closed meanwhile. */
  state?: "running" | "done" | "stopped" | "failed";
  model?: string;
  requestId?: string;
  /** Absent until it is known. */
  costUsd?: string;
  promptTokens?: number | null;
  completionTokens?: number | null;
  reasoningTokens?: number | null;
  isCapped?: boolean;
  /** Of questions: what was attached. */
  files?: Attached[];
  /** Of one of several answers to a question: what they have in common, for one asked for anew the first one's id. */
  versionOf?: string;
  /** It came in beside another, from a second model. */
  isBeside?: boolean;
  /** When somebody chose it among the answers to its question; the latest is the one that counts. */
  chosenAt?: number;
  problem?: { message: string; code: string; status: number };
}

class ChatDatabase extends Dexie {
  conversations!: EntityTable<Conversation, "id">;
  messages!: EntityTable<Message, "id">;

  constructor() {
    super("farebox-chat");
    this.version(1).stores({
      conversations: "id, [uid+updatedAt]",
      messages: "id, uid, [conversation+position]",
    });
  }
}

/** The conversations of this browser. They are nowhere else. */
export const db = new ChatDatabase();

const TITLE_LENGTH = 60;
const MOST_LISTED = 500;
const SNIPPET_BEFORE = 30;
const SNIPPET_LENGTH = 90;

/** A title from what was asked first. */
export function titleOf(text: string): string {
  const line =
    text
      .trim()
      .split("\n", 1)[0]
      ?.replace(/^#+\s+/, "")
      .trim() || t`New conversation`;
  return line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…`;
}

export async function createConversation(uid: string, settings: Settings, first: string): Promise<string> {
  const now = Date.now();
  const id = randomId();
  await db.conversations.add({
    ...settings,
    id,
    uid,
    title: titleOf(first),
    createdAt: now,
    updatedAt: now,
    spentUsd: "0.00",
  });
  return id;
}

/** A person's conversation, or nothing for somebody else's. */
export async function readConversation(uid: string, id: string): Promise<Conversation | null> {
  const found = await db.conversations.get(id);
  return found?.uid === uid ? found : null;
}

export function readMessages(conversation: string): Promise<Message[]> {
  return messagesFrom(conversation, 0).toArray();
}

/** Adds a message at the end. */
export async function addMessage(
  message: Omit<Message, "id" | "position" | "at" | "uid">,
): Promise<Message | null> {
  return db.transaction("rw", db.conversations, db.messages, async () => {
    const conversation = await db.conversations.get(message.conversation);
    if (conversation === undefined) return null; // deleted in another tab
    const last = await messagesFrom(message.conversation, 0).last();
    const added: Message = {
      ...message,
      id: randomId(),
      uid: conversation.uid,
      position: (last?.position ?? 0) + 1,
      at: Date.now(),
    };
    await db.messages.add(added);
    await db.conversations.update(conversation.id, { updatedAt: added.at });
    return added;
  });
}

/** Each question's answer that counts: the one that was chosen, or asked for, last. */
export function chosen(messages: Message[]): Message[] {
  const last = new Map<string, Message>();
  for (const message of messages) {
    const slot = message.versionOf ?? message.id;
    const other = last.get(slot);
    if (other === undefined || since(message) >= since(other)) last.set(slot, message);
  }
  return messages.filter((message) => last.get(message.versionOf ?? message.id) === message);
}

const since = ({ chosenAt, at }: Message) => chosenAt ?? at;

/** All answers to an answer's question, the first one first. */
export function versionsOf(message: Message, messages: Message[]): Message[] {
  const slot = message.versionOf ?? message.id;
  return messages.filter(({ id, versionOf }) => (versionOf ?? id) === slot);
}

/** Has an answer be the one that counts among those to its question. */
export async function choose({ id }: Message): Promise<void> {
  await db.messages.update(id, { chosenAt: Date.now() });
}

/** Takes back that one of a question's answers was chosen. */
export async function unchoose(versions: Message[]): Promise<void> {
  await db.transaction("rw", db.messages, async () => {
    for (const { id } of versions) await db.messages.update(id, { chosenAt: undefined });
  });
}

/** Removes a message and all after it. */
export async function removeFrom(message: Message): Promise<void> {
  await messagesFrom(message.conversation, message.position).delete();
}

/** Notes how an answer ended. A cost is added to the conversation's once. */
export async function noteOutcome(id: string, changes: Partial<Message>): Promise<void> {
  await db.transaction("rw", db.conversations, db.messages, async () => {
    const message = await db.messages.get(id);
    if (message === undefined) return;
    await db.messages.update(id, changes);
    const conversation = await db.conversations.get(message.conversation);
    if (conversation === undefined || changes.costUsd === undefined || message.costUsd !== undefined) return;
    const spentUsd = sumUsd([conversation.spentUsd, changes.costUsd]);
    await db.conversations.update(conversation.id, { spentUsd });
  });
}

export async function removeConversation(id: string): Promise<void> {
  await db.transaction("rw", db.conversations, db.messages, async () => {
    await messagesFrom(id, 0).delete();
    await db.conversations.delete(id);
  });
}

/** Removes everything that a person has said in this browser. */
export async function removeAll(uid: string): Promise<void> {
  await db.transaction("rw", db.conversations, db.messages, async () => {
    await db.messages.where("uid").equals(uid).delete();
    await ofPerson(uid).delete();
  });
}

export interface Found {
  conversation: Conversation;
  /** What was found, where it is not in the title. */
  snippet: string | null;
}

/** A person's conversations, the latest first: all, or those whose title or messages contain a text. */
export async function findConversations(uid: string, text: string): Promise<Found[]> {
  const sought = text.trim().toLowerCase();
  const all = await ofPerson(uid).reverse().limit(MOST_LISTED).toArray();
  if (sought === "") return all.map((conversation) => ({ conversation, snippet: null }));
  const snippets = new Map<string, string>();
  await db.messages
    .where("uid")
    .equals(uid)
    .each(({ conversation, content }) => {
      const at = content.toLowerCase().indexOf(sought);
      if (at >= 0 && !snippets.has(conversation)) snippets.set(conversation, snippet(content, at));
    });
  return all.flatMap((conversation) => {
    if (conversation.title.toLowerCase().includes(sought)) return { conversation, snippet: null };
    const found = snippets.get(conversation.id);
    return found === undefined ? [] : { conversation, snippet: found };
  });
}

function snippet(content: string, at: number): string {
  const from = Math.max(0, at - SNIPPET_BEFORE);
  const cut = content.slice(from, from + SNIPPET_LENGTH).replace(/\s+/g, " ");
  return `${from > 0 ? "…" : ""}${cut}${from + SNIPPET_LENGTH < content.length ? "…" : ""}`;
}

function ofPerson(uid: string) {
  return db.conversations.where("[uid+updatedAt]").between([uid, Dexie.minKey], [uid, Dexie.maxKey]);
}

function messagesFrom(conversation: string, position: number) {
  return db.messages
    .where("[conversation+position]")
    .between([conversation, position], [conversation, Dexie.maxKey]);
}
