import { t } from "@lingui/core/macro";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { base } from "@/api/client";
import { Problem, problemOf, refusals } from "@/api/problem";
import { reach } from "@/api/transport";

export interface Prompt {
  role: "system" | "user" | "assistant";
  content: string | Part[];
}

/** A part of a question that is more than words. */
export type Part =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string } }
  | { type: "file"; file: { filename: string; file_data: string } };

export interface Ask {
  model: string;
  messages: Prompt[];
  temperature?: number;
  max_tokens?: number;
}

/** What the last event tells: tokens, and what they cost. */
export interface Outcome {
  promptTokens: number | null;
  completionTokens: number | null;
  /** Of the completion's, those that the model thought with; they are paid as well. */
  reasoningTokens: number | null;
  costUsd: string | null;
  balanceUsd: string | null;
  /** It ended at `max_tokens`, or at what the balance allows. */
  isCapped: boolean;
}

interface Chunk {
  choices?: {
    delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null };
    finish_reason?: string | null;
  }[];
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  } | null;
  farebox?: { cost_usd: string; balance_usd: string } | null;
  error?: { message: string; code: string | null; param: string | null };
}

interface Options {
  key: string;
  /** Names the request: its receipt is found by it, whatever becomes of the answer. */
  requestId: string;
  signal: AbortSignal;
  onText: (text: string) => void;
  onReasoning: (text: string) => void;
}

/** Ask a model, and hear its answer as it comes. Throws a `Problem`, or an `AbortError` once `signal` says stop. */
export async function complete(
  ask: Ask,
  { key, requestId, signal, onText, onReasoning }: Options,
): Promise<Outcome> {
  const answer = await reach(
    new Request(`${base()}/v1/chat/completions`, {
      method: "POST",
      signal,
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "x-request-id": requestId,
      },
      body: JSON.stringify({ ...ask, stream: true, stream_options: { include_usage: true } }),
    }),
  );
  if (!answer.ok) throw await problemOf(answer, await answer.json().catch(() => null));
  if (answer.body === null) throw brokenOff(requestId);
  const outcome: Outcome = {
    promptTokens: null,
    completionTokens: null,
    reasoningTokens: null,
    costUsd: null,
    balanceUsd: null,
    isCapped: false,
  };
  const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw brokenOff(requestId); // an answer that is whole says [DONE]
      if (value.data === "[DONE]") return outcome;
      const chunk = JSON.parse(value.data) as Chunk;
      if (chunk.error) {
        const { message, code, param } = chunk.error;
        throw new Problem(message, 502, code ?? "upstream_error", param, requestId, await refusals());
      }
      take(chunk);
    }
  } catch (error) {
    if (error instanceof Problem || signal.aborted) throw error;
    throw brokenOff(requestId);
  } finally {
    await reader.cancel().catch(() => undefined);
  }

  function take(chunk: Chunk): void {
    const choice = chunk.choices?.[0];
    const reasoning = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning;
    if (reasoning) onReasoning(reasoning);
    if (choice?.delta?.content) onText(choice.delta.content);
    if (choice?.finish_reason === "length") outcome.isCapped = true;
    if (chunk.usage) {
      outcome.promptTokens = chunk.usage.prompt_tokens ?? null;
      outcome.completionTokens = chunk.usage.completion_tokens ?? null;
      outcome.reasoningTokens = chunk.usage.completion_tokens_details?.reasoning_tokens ?? null;
    }
    if (chunk.farebox) {
      outcome.costUsd = chunk.farebox.cost_usd;
      outcome.balanceUsd = chunk.farebox.balance_usd;
    }
  }
}

function brokenOff(requestId: string): Problem {
  return new Problem(
    t`The answer broke off. What had arrived of it is kept; ask again for a whole one.`,
    0,
    "broken_off",
    null,
    requestId,
  );
}
