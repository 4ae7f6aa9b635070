// Vercel's AI SDK with its provider for Anthropic.
import { createAnthropic } from "@ai-sdk/anthropic";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { BASE_URL, IMAGE, QUESTION, play, versionOf } from "./scenes.mjs";

const weather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});

await play(`@ai-sdk/anthropic ${versionOf("@ai-sdk/anthropic")}`, "claude-sonnet-4-5", async (scene, name, key) => {
  const anthropic = createAnthropic({ baseURL: `${BASE_URL}/v1`, apiKey: key });
  const content = [{ type: "text", text: QUESTION }];
  if (scene === "image") content.push({ type: "image", image: Buffer.from(IMAGE, "base64"), mediaType: "image/png" });
  const thinking = { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } };
  const asked = {
    model: anthropic(name),
    messages: [{ role: "user", content }],
    tools: { weather },
    stopWhen: stepCountIs(8),
    ...(scene === "reasoning" ? { providerOptions: thinking } : {}),
  };
  if (scene === "stream") return await streamText(asked).text;
  return (await generateText(asked)).text;
});
