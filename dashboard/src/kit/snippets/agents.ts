import { type Call, exportKey, GREETING, KEY_VARIABLE, keyWord, word } from "./call";

/** What coding agents are told, as docs/clients.md has it: files to write, and the commands that ask a first thing. */

export function claudeCode(call: Call): string {
  const { model } = call;
  const { main, ...sizes } = call.claude ?? { main: model, opus: model, sonnet: model, haiku: model };
  const names = Object.entries(sizes).map(
    ([size, name]) => `ANTHROPIC_DEFAULT_${size.toUpperCase()}_MODEL=${word(name)}`,
  );
  return `export ANTHROPIC_BASE_URL=${call.origin} ANTHROPIC_AUTH_TOKEN=${keyWord(call)}
export ${names.join(" ")}
claude --model ${word(main)} "${GREETING}"`;
}

export function codexFile({ origin, model }: Call): string {
  return `model = ${JSON.stringify(model)}
model_provider = "farebox"
model_providers.farebox = {name = "Farebox", base_url = "${origin}/v1", env_key = "${KEY_VARIABLE}", wire_api = "responses"}`;
}

export function codex(call: Call): string {
  return `${exportKey(call)}codex "${GREETING}"`;
}

/** It begins with a model of its maker's unless it is told which, and asks no server what one can do and costs. The prices are written as the API has them: they are
 * numbers in JSON already. */
export function opencodeFile({ origin, model, facts }: Call): string {
  const known = facts && [
    `"attachment": ${facts.seesImages}, "tool_call": true`,
    `"limit": {"context": ${facts.contextTokens}, "output": ${facts.outputTokens}}`,
    `"cost": {"input": ${facts.inputUsd}, "output": ${facts.outputUsd}, "cache_read": ${facts.cachedUsd}}`,
  ];
  const fields = [`"name": ${JSON.stringify(model)}`, ...(known ?? [])].join(",\n      ");
  return `{
  "model": ${JSON.stringify(`farebox/${model}`)},
  "provider": {"farebox": {
    "npm": "@ai-sdk/openai-compatible", "name": "Farebox",
    "options": {"baseURL": "${origin}/v1", "apiKey": "{env:${KEY_VARIABLE}}"},
    "models": {${JSON.stringify(model)}: {
      ${fields}
    }}
  }}
}`;
}

export function opencode(call: Call): string {
  return `${exportKey(call)}opencode run --model ${word(`farebox/${call.model}`)} "${GREETING}"`;
}

export function aider(call: Call): string {
  return `export OPENAI_API_BASE=${call.origin}/v1 OPENAI_API_KEY=${keyWord(call)}
aider --model ${word(`openai/${call.model}`)} --message "${GREETING}"`;
}

/** Fields of a form, for programs that are set up in one. */
export function compatibleForm({ origin, secret, model }: Call): string {
  return `API provider:  OpenAI Compatible
Base URL:      ${origin}/v1
API key:       ${secret ?? "your key"}
Model:         ${model}`;
}
