import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import {
  addMessage,
  choose,
  chosen,
  createConversation,
  db,
  findConversations,
  noteOutcome,
  readConversation,
  readMessages,
  removeAll,
  removeConversation,
  removeFrom,
  titleOf,
  versionsOf,
} from "./store";

const SETTINGS = { model: "gpt-4o-mini", system: "", temperature: null, maxTokens: null };

beforeEach(async () => {
  await db.conversations.clear();
  await db.messages.clear();
});

/** A conversation of so many turns: ids of it and of its messages, questions and answers in turn. */
async function converse(uid: string, ...texts: string[]): Promise<{ id: string; messages: string[] }> {
  const id = await createConversation(uid, SETTINGS, texts[0] ?? "");
  const messages: string[] = [];
  for (const [index, content] of texts.entries()) {
    const role = index % 2 === 0 ? "user" : "assistant";
    const added = await addMessage({ conversation: id, role, content });
    if (added !== null) messages.push(added.id);
  }
  return { id, messages };
}

async function contents(conversation: string): Promise<string[]> {
  return (await readMessages(conversation)).map(({ content }) => content);
}

test.each([
  ["  # How do leases work?\nTell me.", "How do leases work?"],
  ["", "New conversation"],
  ["#", "#"],
  ["x".repeat(61), `${"x".repeat(59)}…`],
])("a conversation that begins with %j is called %j", (text, title) => expect(titleOf(text)).toBe(title));

test("messages keep the order in which they were said", async () => {
  const { id } = await converse("ada", "Hello", "Hi", "Bye");
  expect(await contents(id)).toEqual(["Hello", "Hi", "Bye"]);
});

test("a cost counts once, however often it is told, and what is asked anew costs again", async () => {
  const { id, messages } = await converse("ada", "Hello", "Hi");
  const answer = messages[1] ?? "";
  await noteOutcome(answer, { state: "done", costUsd: "0.000146800" });
  await noteOutcome(answer, { costUsd: "0.000146800" });
  expect((await readConversation("ada", id))?.spentUsd).toBe("0.0001468");
  const [, first] = await readMessages(id);
  if (first !== undefined) await removeFrom(first);
  const again = await addMessage({ conversation: id, role: "assistant", content: "Hi again" });
  await noteOutcome(again?.id ?? "", { costUsd: "0.000000001" });
  await noteOutcome("nobody", { costUsd: "5.00" });
  expect(await contents(id)).toEqual(["Hello", "Hi again"]);
  expect((await readConversation("ada", id))?.spentUsd).toBe("0.000146801");
});

test("nobody reads, finds or removes what somebody else has said", async () => {
  const hers = await converse("ada", "A secret");
  const his = await converse("bob", "Nothing of note");
  expect(await readConversation("bob", hers.id)).toBeNull();
  expect((await findConversations("bob", "")).map(({ conversation }) => conversation.id)).toEqual([his.id]);
  expect(await findConversations("bob", "secret")).toEqual([]);
  await removeAll("bob");
  expect(await findConversations("bob", "")).toEqual([]);
  expect(await contents(hers.id)).toEqual(["A secret"]);
});

test("a search looks at titles and at all that was said, and quotes what is in no title", async () => {
  const { id } = await converse(
    "ada",
    "Hello",
    `${"Before. ".repeat(9)}The lease is settled. ${"After. ".repeat(9)}`,
  );
  const [found] = await findConversations("ada", " LEASE ");
  expect(found?.conversation.id).toBe(id);
  expect(found?.snippet).toMatch(/^….*The lease is settled\..*…$/);
  expect((await findConversations("ada", "hello"))[0]?.snippet).toBeNull();
  expect(await findConversations("ada", "nowhere")).toEqual([]);
});

test("a conversation that is gone takes its messages with it, and no more", async () => {
  const { id } = await converse("ada", "Hello", "Hi");
  const other = await converse("ada", "Another");
  await removeConversation(id);
  expect(await readConversation("ada", id)).toBeNull();
  expect(await contents(id)).toEqual([]);
  expect(await addMessage({ conversation: id, role: "assistant", content: "Too late" })).toBeNull();
  expect(await contents(other.id)).toEqual(["Another"]);
});

test("an answer that was asked for anew stays beside the new one, and the one chosen last counts", async () => {
  const conversation = await createConversation("ada", SETTINGS, "Hello");
  await addMessage({ conversation, role: "user", content: "Hello" });
  const first = await addMessage({ conversation, role: "assistant", content: "Hi" });
  if (first === null) throw new Error("it is gone");
  await addMessage({ conversation, role: "assistant", content: "Ho", versionOf: first.id });
  const all = await readMessages(conversation);
  expect(chosen(all).map(({ content }) => content)).toEqual(["Hello", "Ho"]);
  expect(versionsOf(first, all).map(({ content }) => content)).toEqual(["Hi", "Ho"]);

  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 1_000);
  await choose(first);
  expect(chosen(await readMessages(conversation)).map(({ content }) => content)).toEqual(["Hello", "Hi"]);
});
