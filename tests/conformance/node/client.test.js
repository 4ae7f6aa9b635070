// OpenAI's official Node client, unchanged. The environment says where the product is and whose keys to use:
// FAREBOX_BASE_URL, FAREBOX_KEY, FAREBOX_KEY_WITHOUT_CREDIT, FAREBOX_KEY_TO_EMBED_ONLY.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";

const { FAREBOX_BASE_URL, FAREBOX_KEY, FAREBOX_KEY_WITHOUT_CREDIT, FAREBOX_KEY_TO_EMBED_ONLY } = process.env;
const HELLO = { model: "echo", messages: [{ role: "user", content: "Hello there" }] };
const WEATHER = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

const client = new OpenAI({ baseURL: FAREBOX_BASE_URL, apiKey: FAREBOX_KEY });

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks, index = 0) =>
  chunks.flatMap((chunk) => chunk.choices.filter((choice) => choice.index === index))
    .map((choice) => choice.delta.content ?? "")
    .join("");

test("a completion", async () => {
  const completion = await client.chat.completions.create(HELLO);
  assert.equal(completion.choices.length, 1);
  assert.equal(completion.choices[0].finish_reason, "stop");
  assert.match(completion.choices[0].message.content, /You said: Hello there/);
  const { prompt_tokens, completion_tokens, total_tokens } = completion.usage;
  assert.ok(total_tokens > 0 && total_tokens === prompt_tokens + completion_tokens);
  assert.ok(completion._request_id);
});

test("what it cost is in the headers", async () => {
  const { data, response } = await client.chat.completions.create(HELLO).withResponse();
  assert.ok(data.choices.length);
  assert.ok(Number(response.headers.get("x-farebox-cost-usd")) > 0);
});

test("a stream without usage has a choice in every chunk", async () => {
  for (const options of [{}, { stream_options: { include_usage: false } }]) {
    const chunks = await collect(await client.chat.completions.create({ ...HELLO, stream: true, ...options }));
    assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage == null));
    assert.match(textOf(chunks), /You said: Hello there/);
    assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
  }
});

test("a stream with usage ends in one chunk of it", async () => {
  const asked = { ...HELLO, stream: true, stream_options: { include_usage: true } };
  const chunks = await collect(await client.chat.completions.create(asked));
  const last = chunks.pop();
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage == null));
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.total_tokens > 0);
  assert.ok(Number(last.farebox.cost_usd) > 0);
});

test("a stream may be left", async () => {
  const stream = await client.chat.completions.create({ ...HELLO, stream: true });
  for await (const _chunk of stream) break;
  assert.ok(stream.controller.signal.aborted);
});

test("a tool is called and its answer taken", async () => {
  const tools = { tools: [WEATHER], tool_choice: "required" };
  const { choices: [{ message, finish_reason }] } = await client.chat.completions.create({ ...HELLO, ...tools });
  assert.equal(finish_reason, "tool_calls");
  const [call] = message.tool_calls;
  assert.equal(call.function.name, "weather");
  assert.deepEqual(Object.keys(JSON.parse(call.function.arguments)), ["city"]);
  const result = { role: "tool", tool_call_id: call.id, content: "rain" };
  const messages = [...HELLO.messages, message, result];
  const answered = await client.chat.completions.create({ ...HELLO, messages, tools: [WEATHER] });
  assert.match(answered.choices[0].message.content, /The tool answered: rain/);
  const streamed = await client.chat.completions.stream({ ...HELLO, ...tools }).finalChatCompletion();
  assert.equal(streamed.choices[0].message.tool_calls[0].function.name, "weather");
});

test("several choices", async () => {
  const { choices } = await client.chat.completions.create({ ...HELLO, n: 3 });
  assert.deepEqual(choices.map((choice) => choice.index), [0, 1, 2]);
  const chunks = await collect(await client.chat.completions.create({ ...HELLO, n: 2, stream: true }));
  assert.deepEqual([textOf(chunks, 0), textOf(chunks, 1)], Array(2).fill(choices[0].message.content));
});

test("embeddings", async () => {
  const asked = { model: "echo-embedding", input: ["Hello", "there"], dimensions: 8 };
  const { data } = await client.embeddings.create(asked);
  const plain = await client.embeddings.create({ ...asked, encoding_format: "float" });
  assert.deepEqual(data.map((one) => one.embedding.length), [8, 8]);
  for (const [n, value] of data[1].embedding.entries()) {
    assert.ok(Math.abs(value - plain.data[1].embedding[n]) < 1e-6);
  }
});

test("models are listed and looked up", async () => {
  const listed = [];
  for await (const model of client.models.list()) listed.push(model.id);
  assert.deepEqual(listed.sort(), ["echo", "echo-embedding"]);
  assert.equal((await client.models.retrieve("echo")).id, "echo");
});

const REFUSALS = {
  "an invalid key": ["fb-live-nobody-at-all", HELLO, OpenAI.AuthenticationError, 401, "invalid_api_key", /key/i],
  "an unknown model": [
    FAREBOX_KEY, { ...HELLO, model: "gpt-99" }, OpenAI.NotFoundError, 404, "model_not_found", /gpt-99/,
  ],
  "an unknown model, streamed": [
    FAREBOX_KEY, { ...HELLO, model: "gpt-99", stream: true }, OpenAI.NotFoundError, 404, "model_not_found", /gpt-99/,
  ],
  "a model that is not for this key": [
    FAREBOX_KEY_TO_EMBED_ONLY, HELLO, OpenAI.PermissionDeniedError, 403, "model_not_allowed", /echo/,
  ],
  "messages that are none": [
    FAREBOX_KEY, { ...HELLO, messages: "Hello" }, OpenAI.BadRequestError, 400, "invalid_type", /messages/,
  ],
  "an empty wallet": [
    FAREBOX_KEY_WITHOUT_CREDIT, HELLO, OpenAI.APIError, 402, "credit_balance_exhausted", /top up/i,
  ],
  "an empty wallet, streamed": [
    FAREBOX_KEY_WITHOUT_CREDIT, { ...HELLO, stream: true }, OpenAI.APIError, 402, "credit_balance_exhausted", /top up/i,
  ],
};

for (const [name, [apiKey, body, kind, status, code, words]] of Object.entries(REFUSALS)) {
  test(`${name} is the client's own error, and is not tried again`, async () => {
    let sent = 0;
    const counting = (...request) => {
      sent += 1;
      return fetch(...request);
    };
    const asking = new OpenAI({ baseURL: FAREBOX_BASE_URL, apiKey, fetch: counting });
    assert.ok(asking.maxRetries > 0);
    await assert.rejects(asking.chat.completions.create(body), (error) => {
      assert.equal(error.constructor, kind);
      assert.deepEqual([error.status, error.code], [status, code]);
      assert.match(error.message, words);
      assert.equal(error.requestID, error.headers.get("x-request-id"));
      assert.ok(error.requestID);
      return true;
    });
    assert.equal(sent, 1);
  });
}
