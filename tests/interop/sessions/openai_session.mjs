// OpenAI's client for Node, over Responses.
import OpenAI from "openai";
import { BASE_URL, IMAGE, QUESTION, play, versionOf } from "./scenes.mjs";

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", name: "weather", parameters, strict: false }];

await play(`openai (Node), responses ${versionOf("openai")}`, "gpt-5.5", async (scene, model, apiKey) => {
  const { responses } = new OpenAI({ baseURL: `${BASE_URL}/v1`, apiKey });
  const content = [{ type: "input_text", text: QUESTION }];
  if (scene === "image") content.push({ type: "input_image", image_url: `data:image/png;base64,${IMAGE}` });
  const input = [{ role: "user", content }];
  const asked = { model, tools, input, include: ["reasoning.encrypted_content"], reasoning: { effort: "low" } };
  for (;;) {
    const asking = scene === "stream" ? responses.stream(asked).finalResponse() : responses.create(asked);
    const { output, output_text } = await asking.catch((error) => {
      throw Object.assign(error, { statusCode: error.status });
    });
    const calls = output.filter((item) => item.type === "function_call");
    if (!calls.length) return output_text;
    input.push(...output);
    for (const { call_id, arguments: given } of calls)
      input.push({ type: "function_call_output", call_id, output: `rain in ${JSON.parse(given).city}` });
  }
});
