import { t } from "@lingui/core/macro";
import type { Receipt } from "@/data/receipt";

/** A part of a request's time, in milliseconds from its beginning. */
export interface Span {
  key: string;
  label: string;
  start: number;
  length: number;
  kind: "wait" | "failed" | "asked" | "answer";
}

/** What a request's time went into, in order: before anybody was asked, each attempt, and the answer as it came. */
export function timelineOf(receipt: Pick<Receipt, "attempts" | "first_token_ms" | "latency_ms">): Span[] {
  const { attempts, first_token_ms: first, latency_ms: end } = receipt;
  const spans: Span[] = [];
  const wait = attempts[0]?.started_ms ?? 0;
  if (wait > 0)
    spans.push({ key: "wait", label: t`Before anybody was asked`, start: 0, length: wait, kind: "wait" });
  for (const [index, attempt] of attempts.entries()) {
    const { upstream, started_ms: start, latency_ms: took } = attempt;
    const isAnswered = attempt.outcome === "answered";
    const until = isAnswered && first !== null && first > start ? first : start + took;
    spans.push({
      key: `${index} ${upstream}`,
      label: isAnswered ? t`${upstream}, until its first token` : t`${upstream} did not answer`,
      start,
      length: Math.max(0, until - start),
      kind: isAnswered ? "asked" : "failed",
    });
  }
  if (first !== null && end !== null && end > first) {
    spans.push({
      key: "answer",
      label: t`The answer, as it came`,
      start: first,
      length: end - first,
      kind: "answer",
    });
  }
  return spans;
}
