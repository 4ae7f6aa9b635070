import { t } from "@lingui/core/macro";
import { useJobs } from "../jobs/jobs";
import type { Upstream } from "./upstreams";

/** The job that looks at every upstream that is switched on, once a minute. */
export const CHECK = "check-upstreams";

/** What that job saw of an upstream. */
export interface Seen {
  state: string;
  latencyMs: number | null;
  error: string | null;
  /** Why calls leave it alone, and which of its models. */
  why: string | null;
  models: { model: string; why: string }[];
}

export interface Health {
  tone: "good" | "bad" | "warn" | "idle";
  word: string;
  /** What is wrong, or why nothing is known. */
  detail: string | null;
  latencyMs: number | null;
}

/** What the last look found, by the upstreams' ids, and when it was. */
export function useSeen(): { seen: Map<string, Seen>; at: string | null } {
  const jobs = useJobs();
  const job = jobs.data?.find(({ name }) => name === CHECK);
  return { seen: readSeen(job?.done), at: job?.ran_at ?? null };
}

/** What the job noted, as far as it can be read: it is of the server's version, which may be newer than this page. */
export function readSeen(done: unknown): Map<string, Seen> {
  const noted = (done as { upstreams?: unknown } | null | undefined)?.upstreams;
  const seen = new Map<string, Seen>();
  for (const each of Array.isArray(noted) ? noted : []) {
    const { id, state, latency_ms, error, why, models } = (each ?? {}) as Record<string, unknown>;
    if (typeof id !== "string") continue;
    seen.set(id, {
      state: typeof state === "string" ? state : "unknown",
      latencyMs: typeof latency_ms === "number" ? latency_ms : null,
      error: typeof error === "string" ? error : null,
      why: typeof why === "string" && why !== "" ? why : null,
      models: Array.isArray(models) ? models.filter(isIll) : [],
    });
  }
  return seen;
}

function isIll(noted: unknown): noted is { model: string; why: string } {
  const { model, why } = (noted ?? {}) as Record<string, unknown>;
  return typeof model === "string" && typeof why === "string";
}

/** How an upstream stands, in a word. */
export function healthOf(upstream: Upstream, seen: Seen | undefined): Health {
  const latencyMs = seen?.latencyMs ?? null;
  if (!upstream.enabled) return { tone: "idle", word: t`Switched off`, detail: null, latencyMs: null };
  if (upstream.base_url === "echo:")
    return { tone: "good", word: t`Built in`, detail: null, latencyMs: null };
  if (seen === undefined) {
    return { tone: "idle", word: t`Not seen yet`, detail: t`The next look is within a minute.`, latencyMs };
  }
  if (seen.error !== null) return { tone: "bad", word: t`Down`, detail: seen.error, latencyMs };
  if (seen.state === "down") {
    return {
      tone: "warn",
      word: t`Left alone`,
      detail:
        seen.why === null
          ? t`It answers again, after calls to it failed.`
          : t`It answers again, after calls to it failed: ${{ why: seen.why }}.`,
      latencyMs,
    };
  }
  if (seen.models.length > 0) {
    const told = seen.models.map(({ model, why }) => `${model}: ${why}`);
    return { tone: "warn", word: t`Some models left alone`, detail: told.join("; "), latencyMs };
  }
  return { tone: "good", word: t`Up`, detail: null, latencyMs };
}
