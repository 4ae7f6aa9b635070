import { type Call, GREETING, KEY_VARIABLE } from "./call";

/** What a terminal or a program's own language sends: one request with each. */

export function curlSnippet({ origin, secret, model }: Call): string {
  const body = `{"model": ${JSON.stringify(model)},\n       "messages": [{"role": "user", "content": "${GREETING}"}]}`;
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer ${secret ?? `$${KEY_VARIABLE}`}" \\
  -H "Content-Type: application/json" \\
  -d '${body.replaceAll("'", "'\\''")}'`;
}

export function pythonSnippet({ origin, secret, model }: Call): string {
  const key = secret === null ? `os.environ["${KEY_VARIABLE}"]` : JSON.stringify(secret);
  return `${secret === null ? "import os\n\n" : ""}from openai import OpenAI

client = OpenAI(
    base_url=${JSON.stringify(`${origin}/v1`)},
    api_key=${key},
)
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "${GREETING}"}],
)
print(answer.choices[0].message.content)`;
}

export function nodeSnippet({ origin, secret, model }: Call): string {
  const key = secret === null ? `process.env.${KEY_VARIABLE}` : JSON.stringify(secret);
  return `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: ${JSON.stringify(`${origin}/v1`)},
  apiKey: ${key},
});
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: "user", content: "${GREETING}" }],
});
console.log(answer.choices[0].message.content);`;
}
