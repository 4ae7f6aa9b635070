// Vercel's AI SDK, with its provider for servers like OpenAI's.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateText, jsonSchema, streamText, tool } from "ai";
import { BASE_URL, KEY, SAID, report, versionOf } from "./checks.mjs";

const farebox = createOpenAICompatible({ name: "farebox", baseURL: BASE_URL, apiKey: KEY });
const weather = tool({ description: "The weather", inputSchema: jsonSchema({ type: "object", properties: {} }) });

await report(`ai (Vercel AI SDK) ${versionOf("ai")}`, {
  plain: async () => (await generateText({ model: farebox("plain"), prompt: "Hello" })).text === SAID,
  stream: async () => (await streamText({ model: farebox("plain"), prompt: "Hello" }).text) === SAID,
  tools: async () => {
    const { toolCalls } = await generateText({ model: farebox("tools"), prompt: "Hello", tools: { weather } });
    return toolCalls[0].toolName === "weather";
  },
  embeddings: async () =>
    (await embed({ model: farebox.textEmbeddingModel("vectors"), value: "Hello" })).embedding.length === 3,
  refusal: async () => {
    const wrong = createOpenAICompatible({ name: "farebox", baseURL: BASE_URL, apiKey: "wrong" });
    const asked = generateText({ model: wrong("plain"), prompt: "Hello", maxRetries: 0 });
    return asked.then(() => false, (error) => error.statusCode === 401);
  },
});
