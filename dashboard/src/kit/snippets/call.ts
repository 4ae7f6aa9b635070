import type { ClaudeModels } from "@/data/suggested";

/** A first request, as a snippet is written for it. */
export interface Call {
  /** The API's origin. */
  origin: string;
  /** The key; `null`: the snippet reads it from the environment, as `FAREBOX_KEY`. */
  secret: string | null;
  model: string;
  /** What is known of the model, for programs that ask no server. Prices are USD a million tokens, as the API has them. */
  facts?: ModelFacts;
  /** What Claude Code is to ask in place of `model`. */
  claude?: ClaudeModels;
}

export interface ModelFacts {
  contextTokens: number;
  outputTokens: number;
  inputUsd: string;
  outputUsd: string;
  cachedUsd: string;
  seesImages: boolean;
}

/** What is asked: it costs next to nothing, and any model answers it. */
export const GREETING = "Say hello.";

/** The environment variable that a key is in where a snippet does not hold it. */
export const KEY_VARIABLE = "FAREBOX_KEY";

/** A word of a shell's command line, quoted where it has to be. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The key as a shell reads it. */
export function keyWord({ secret }: Call): string {
  return secret === null ? `"$${KEY_VARIABLE}"` : word(secret);
}

/** The line that puts the key where programs look for it. */
export function exportKey(call: Call): string {
  return call.secret === null ? "" : `export ${KEY_VARIABLE}=${word(call.secret)}\n`;
}
