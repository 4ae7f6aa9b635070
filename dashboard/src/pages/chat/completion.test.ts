// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { complete } from "./completion";

const encoder = new TextEncoder();

function serve(pieces: string[], status = 200): void {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
}

async function ask() {
  let text = "";
  const options = {
    key: "k",
    requestId: "chat_1",
    signal: new AbortController().signal,
    onText: (more: string) => {
      text += more;
    },
    onReasoning: () => undefined,
  };
  const told = await complete({ model: "m", messages: [{ role: "user", content: "Hi" }] }, options);
  return { text, told };
}

const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const END = `data: ${JSON.stringify({
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 5 },
  farebox: { cost_usd: "0.0000021", balance_usd: "4.9999979" },
})}\n\n`;
const DONE = "data: [DONE]\n\n";

test("an answer is whole however its bytes are cut, and tells its cost and the balance", async () => {
  const whole = delta("Grüße, ") + delta("Welt") + END + DONE;
  const bytes = encoder.encode(whole);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body));
  const { text, told } = await ask();
  expect(text).toBe("Grüße, Welt");
  expect(told).toMatchObject({ costUsd: "0.0000021", balanceUsd: "4.9999979", completionTokens: 5 });
});

test("an error in the middle of a stream is told in the server's words", async () => {
  serve([
    delta("Half"),
    `data: ${JSON.stringify({ error: { message: "Broke off.", code: "upstream_error" } })}\n\n`,
  ]);
  await expect(ask()).rejects.toMatchObject({ message: "Broke off.", code: "upstream_error" });
});

test("a stream that ends without its last word has broken off", async () => {
  serve([delta("Half")]);
  await expect(ask()).rejects.toMatchObject({ code: "broken_off", requestId: "chat_1" });
});

test("a refusal before the stream keeps its status and code", async () => {
  serve(
    [JSON.stringify({ error: { message: "Top up.", code: "credit_balance_exhausted", param: null } })],
    402,
  );
  await expect(ask()).rejects.toMatchObject({ status: 402, code: "credit_balance_exhausted" });
});
