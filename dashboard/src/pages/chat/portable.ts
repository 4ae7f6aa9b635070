import { t } from "@lingui/core/macro";
import { randomId } from "@/kit/randomId";
import { type Attached, MOST_FILES } from "./attached";
import { chosenOf, isPair } from "./lanes";
import { type Conversation, chosen, db, type Message, readMessages, versionsOf } from "./store";

/** A conversation as a file, to be kept or shared. It holds what was said and how, and nobody's id. Of several answers to a
 * question it holds the one that counts, and of two models side by side both, unless one was chosen. */

const FORMAT = "farebox-conversation";
const VERSIONS = [1, 2]; // since the second there are pairs
const MOST_MESSAGES = 2_000;
const MOST_CHARACTERS = 2_000_000;

export async function exported(conversation: Conversation): Promise<Blob> {
  const { title, model, second, system, temperature, maxTokens, createdAt } = conversation;
  const all = await readMessages(conversation.id);
  const counting = new Set(chosen(all));
  const slots = [...new Set(all.filter((one) => isOfOpenPair(one, all)).map(({ versionOf }) => versionOf))];
  const messages = all
    .filter((message) => counting.has(message) || isOfOpenPair(message, all))
    .map((message) => {
      const { role, content, reasoning, at, model, costUsd, files } = message;
      const pair = isOfOpenPair(message, all)
        ? { pair: slots.indexOf(message.versionOf), isBeside: message.isBeside }
        : {};
      return { role, content, reasoning, at, model, costUsd, files, ...pair };
    });
  const told = {
    format: FORMAT,
    version: slots.length > 0 ? 2 : 1,
    title,
    model,
    second: second ?? undefined,
    system,
    temperature,
    maxTokens,
    createdAt,
    messages,
  };
  return new Blob([JSON.stringify(told, null, 2)], { type: "application/json" });
}

/** Whether it is one of two answers side by side of which none was chosen. */
function isOfOpenPair(message: Message, all: Message[]): boolean {
  const versions = versionsOf(message, all);
  return isPair(versions) && chosenOf(versions) === undefined;
}

/** Keep a conversation of a file as a new one. Answers its id; throws an `Error` that says what is wrong with the file. */
export async function imported(uid: string, text: string): Promise<string> {
  const told = read(text);
  const id = randomId();
  const now = Date.now();
  const slots = new Map<number, string>();
  const slotOf = (pair: number) => {
    slots.set(pair, slots.get(pair) ?? randomId());
    return slots.get(pair);
  };
  await db.transaction("rw", db.conversations, db.messages, async () => {
    await db.conversations.add({
      id,
      uid,
      title: told.title,
      model: told.model,
      ...(told.second !== "" && { second: told.second }),
      system: told.system,
      temperature: told.temperature,
      maxTokens: told.maxTokens,
      createdAt: now,
      updatedAt: now,
      spentUsd: "0.00", // here, nothing was
    });
    await db.messages.bulkAdd(
      told.messages.map(({ pair, ...message }, index) => ({
        ...message,
        ...(pair !== undefined && { versionOf: slotOf(pair) }),
        id: randomId(),
        uid,
        conversation: id,
        position: index + 1,
        ...(message.role === "assistant" && { state: "done" as const }),
      })),
    );
  });
  return id;
}

type Told = Pick<Conversation, "title" | "model" | "system" | "temperature" | "maxTokens"> & {
  second: string;
  messages: (Pick<Message, "role" | "content" | "reasoning" | "at" | "model" | "files" | "isBeside"> & {
    pair?: number;
  })[];
};

function read(text: string): Told {
  const told = parse(text);
  if (told?.format !== FORMAT || !Array.isArray(told.messages)) {
    throw new Error(t`This is no conversation that was exported here.`);
  }
  if (!VERSIONS.includes(told.version as number))
    throw new Error(t`This conversation comes from a newer version. Reload the page.`);
  if (told.messages.length > MOST_MESSAGES) throw new Error(t`This conversation is too long.`);
  return {
    title: line(told.title) || t`Imported conversation`,
    model: line(told.model),
    second: line(told.second),
    system: words(told.system),
    temperature: typeof told.temperature === "number" ? told.temperature : null,
    maxTokens: typeof told.maxTokens === "number" ? told.maxTokens : null,
    messages: told.messages.map(readMessage),
  };
}

function readMessage(value: unknown): Told["messages"][number] {
  const told = value as Record<string, unknown> | null;
  if (told?.role !== "user" && told?.role !== "assistant")
    throw new Error(t`A message of it is from nobody.`);
  const files = Array.isArray(told.files) ? told.files.slice(0, MOST_FILES).flatMap(readFile) : [];
  return {
    role: told.role,
    content: words(told.content),
    at: typeof told.at === "number" ? told.at : Date.now(),
    ...(words(told.reasoning) !== "" && { reasoning: words(told.reasoning) }),
    ...(line(told.model) !== "" && { model: line(told.model) }),
    ...(files.length > 0 && { files }),
    ...(told.role === "assistant" && typeof told.pair === "number" && { pair: told.pair }),
    ...(told.role === "assistant" && told.isBeside === true && { isBeside: true }),
  };
}

const DATA = {
  image: /^data:image\/(png|jpeg|gif|webp);base64,/,
  pdf: /^data:application\/pdf;base64,/,
};

/** A picture or a PDF is taken as data alone: an address would tell another server that it is looked at. */
function readFile(value: unknown): Attached[] {
  const told = value as Record<string, unknown> | null;
  const [name, content] = [line(told?.name), words(told?.content)];
  const tokens = typeof told?.tokens === "number" ? told.tokens : 0;
  if (told?.kind === "text") return [{ name, kind: "text", content, tokens }];
  const kind = told?.kind;
  if ((kind !== "image" && kind !== "pdf") || !DATA[kind].test(String(told?.content))) return [];
  return [{ name, kind, content: String(told?.content), tokens }];
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

function words(value: unknown): string {
  return typeof value === "string" ? value.slice(0, MOST_CHARACTERS) : "";
}

function line(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "";
}
