// Vercel's AI SDK with its provider for OpenAI, which speaks Responses by default: of each generation.
import { BASE_URL, IMAGE, QUESTION, play, versionOf } from "./scenes.mjs";

const generation = process.argv[2];
const { createOpenAI } = await import(`ai-openai-${generation}`);
const { generateText, isStepCount, jsonSchema, stepCountIs, streamText, tool } = await import(`ai-${generation}`);
const weather = tool({
  description: "The weather in a city",
  inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
  execute: async ({ city }) => `rain in ${city}`,
});

await play(`@ai-sdk/openai, generation ${generation} ${versionOf(`ai-openai-${generation}`)}`, "gpt-5.5", async (scene, name, apiKey) => {
  const content = [{ type: "text", text: QUESTION }];
  if (scene === "image") content.push({ type: "image", image: Buffer.from(IMAGE, "base64"), mediaType: "image/png" });
  const asked = {
    model: createOpenAI({ baseURL: `${BASE_URL}/v1`, apiKey })(name),
    messages: [{ role: "user", content }],
    tools: { weather },
    stopWhen: (stepCountIs ?? isStepCount)(8),
    ...(scene === "reasoning" ? { providerOptions: { openai: { reasoningSummary: "auto" } } } : {}),
  };
  if (scene === "stream") return await streamText(asked).text;
  return (await generateText(asked)).text;
});
