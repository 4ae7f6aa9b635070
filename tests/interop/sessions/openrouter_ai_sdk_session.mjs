// OpenRouter's provider for Vercel's AI SDK, which is told what each answer cost.
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { generateText, stepCountIs, streamText, tool } from "ai-6";
import { z } from "zod";
import { BASE_URL, IMAGE, QUESTION, play, spend, versionOf } from "./scenes.mjs";

const weather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});

await play(`@openrouter/ai-sdk-provider ${versionOf("@openrouter/ai-sdk-provider")}`, "gpt-4.1", async (scene, name, apiKey) => {
  const openrouter = createOpenRouter({ baseURL: `${BASE_URL}/v1`, apiKey });
  const content = [{ type: "text", text: QUESTION }];
  if (scene === "image") content.push({ type: "image", image: Buffer.from(IMAGE, "base64"), mediaType: "image/png" });
  const asked = {
    model: openrouter(name, { usage: { include: true } }),
    messages: [{ role: "user", content }],
    tools: { weather },
    stopWhen: stepCountIs(8),
  };
  const told = scene === "stream" ? streamText(asked) : await generateText(asked);
  const text = await told.text;
  for (const step of await told.steps) spend(name, step.providerMetadata.openrouter.usage.cost);
  return text;
});
