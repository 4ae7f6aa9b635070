// OpenAI's client for Node.
import OpenAI from "openai";
import { BASE_URL, KEY, QUESTION, SAID, report, versionOf } from "./checks.mjs";

const client = new OpenAI({ baseURL: BASE_URL, apiKey: KEY });
const tool = { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } };

await report(`openai (Node) ${versionOf("openai")}`, {
  plain: async () =>
    (await client.chat.completions.create({ model: "plain", messages: QUESTION })).choices[0].message.content === SAID,
  stream: async () => {
    let said = "";
    for await (const chunk of await client.chat.completions.create({ model: "plain", messages: QUESTION, stream: true }))
      said += chunk.choices[0].delta.content ?? "";
    return said === SAID;
  },
  tools: async () => {
    const answer = await client.chat.completions.create({ model: "tools", messages: QUESTION, tools: [tool] });
    return answer.choices[0].message.tool_calls[0].function.name === "weather";
  },
  embeddings: async () => (await client.embeddings.create({ model: "vectors", input: "Hello" })).data[0].embedding.length === 3,
  responses: async () => (await client.responses.create({ model: "plain", input: "Hello" })).output_text === SAID,
  refusal: async () => {
    const wrong = new OpenAI({ baseURL: BASE_URL, apiKey: "wrong" });
    return wrong.models.list().then(() => false, (error) => error.code === "invalid_api_key");
  },
});
