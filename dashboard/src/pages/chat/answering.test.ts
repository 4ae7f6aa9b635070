// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import { session } from "@/session/session";
import { findCost } from "./answering";
import { addMessage, createConversation, readMessages } from "./store";

const BOOKS_OPEN_MS = 20_000;

test("an answer that was stopped tells its cost once the server has closed its books", async () => {
  let waitedMs = 0;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms = 0) => {
    waitedMs += ms;
    queueMicrotask(run);
    return 0;
  }) as never);
  vi.stubGlobal("fetch", async () => {
    const isOpen = waitedMs < BOOKS_OPEN_MS;
    return Response.json({ status: isOpen ? "pending" : "aborted", charged_usd: isOpen ? "0" : "0.0012" });
  });
  session.start({ user: { id: "u_1" }, token: "t", refresh_token: "r", expires_in: 3600 } as never);
  const settings = { model: "m", system: "", temperature: null, maxTokens: null };
  const conversation = await createConversation("u_1", settings, "Hello");
  const message = await addMessage({
    conversation,
    role: "assistant",
    content: "Hel",
    state: "stopped",
    requestId: "chat_1",
  });
  expect(message).not.toBeNull();
  if (message !== null) await findCost(message);
  expect((await readMessages(conversation)).map(({ costUsd }) => costUsd)).toEqual(["0.0012"]);
  expect(waitedMs).toBeLessThan(2 * BOOKS_OPEN_MS);
});
