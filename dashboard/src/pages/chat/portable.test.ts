import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { exported, imported } from "./portable";
import { addMessage, createConversation, readConversation, readMessages } from "./store";

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
