import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { isPair } from "./lanes";
import { exported, imported } from "./portable";
import { addMessage, choose, createConversation, readConversation, readMessages, versionsOf } from "./store";

const SETTINGS = { model: "m", system: "Be brief", temperature: 0.5, maxTokens: null };

test("a conversation comes back from its file, with nobody's id", async () => {
  const id = await createConversation("ada", SETTINGS, "Hello");
  const image = { name: "a.png", kind: "image" as const, content: "data:image/png;base64,AA", tokens: 255 };
  await addMessage({ conversation: id, role: "user", content: "Hello", files: [image] });
  await addMessage({
    conversation: id,
    role: "assistant",
    content: "Hi",
    model: "m",
    requestId: "r",
    state: "done",
  });
  const conversation = await readConversation("ada", id);
  if (conversation === null) throw new Error("it is gone");
  const text = await (await exported(conversation)).text();
  expect(text).not.toContain("ada");

  const copy = await imported("bob", text);
  expect(await readConversation("bob", copy)).toMatchObject({
    ...SETTINGS,
    title: "Hello",
    spentUsd: "0.00",
  });
  const said = await readMessages(copy);
  expect(said.map(({ role, content }) => [role, content])).toEqual([
    ["user", "Hello"],
    ["assistant", "Hi"],
  ]);
  expect(said[0]?.files).toEqual([image]);
});

test("of two answers side by side a file holds both, and once one was chosen that one", async () => {
  const id = await createConversation("ada", { ...SETTINGS, second: "n" }, "Hello");
  const shared = { conversation: id, role: "assistant" as const, versionOf: "slot" };
  await addMessage({ conversation: id, role: "user", content: "Hello" });
  const first = await addMessage({ ...shared, content: "Hi", model: "m" });
  await addMessage({ ...shared, content: "Ho", model: "n", isBeside: true });
  const conversation = await readConversation("ada", id);
  if (conversation === null || first === null) throw new Error("it is gone");

  const copy = await imported("bob", await (await exported(conversation)).text());
  expect(await readConversation("bob", copy)).toMatchObject({ model: "m", second: "n" });
  const said = await readMessages(copy);
  expect(said.map(({ content }) => content)).toEqual(["Hello", "Hi", "Ho"]);
  const versions = said.slice(1);
  expect(versions.map((version) => versionsOf(version, said))).toEqual([versions, versions]);
  expect(isPair(versions)).toBe(true);

  await choose(first);
  const other = await imported("bob", await (await exported(conversation)).text());
  expect((await readMessages(other)).map(({ content }) => content)).toEqual(["Hello", "Hi"]);
});

test("what is no such file is refused, and an address of a picture is left out", async () => {
  await expect(imported("bob", "{}")).rejects.toThrow("no conversation");
  await expect(imported("bob", "nonsense")).rejects.toThrow("no conversation");
  const told = {
    format: "farebox-conversation",
    version: 1,
    title: "T",
    messages: [{ role: "system", content: "x" }],
  };
  await expect(imported("bob", JSON.stringify(told))).rejects.toThrow("from nobody");
  const file = { name: "a", kind: "image", content: "https://evil.example/a.png" };
  const spying = { ...told, messages: [{ role: "user", content: "x", files: [file] }] };
  const [message] = await readMessages(await imported("bob", JSON.stringify(spying)));
  expect(message?.files).toBeUndefined();
});
