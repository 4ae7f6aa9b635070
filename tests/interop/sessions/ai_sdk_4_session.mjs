// The fourth generation of Vercel's AI SDK with its provider for OpenAI, which completes chats by default.
import { BASE_URL, IMAGE, QUESTION, play, versionOf } from "./scenes.mjs";
import { createOpenAI } from "ai-openai-4";
import { generateText, jsonSchema, streamText, tool } from "ai-4";

const weather = tool({
  description: "The weather in a city",
  parameters: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
  execute: async ({ city }) => `rain in ${city}`,
});

await play(`@ai-sdk/openai, generation 4 ${versionOf("ai-openai-4")}`, "gpt-4.1", async (scene, name, apiKey) => {
  const content = [{ type: "text", text: QUESTION }];
  if (scene === "image") content.push({ type: "image", image: Buffer.from(IMAGE, "base64"), mimeType: "image/png" });
  const asked = {
    model: createOpenAI({ baseURL: `${BASE_URL}/v1`, apiKey })(name),
    messages: [{ role: "user", content }],
    tools: { weather },
    maxSteps: 8,
  };
  if (scene === "stream") {
    const streamed = streamText(asked);
    await streamed.consumeStream(); // else its text never comes
    return await streamed.text;
  }
  return (await generateText(asked)).text;
});
