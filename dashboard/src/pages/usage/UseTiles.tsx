import type { UsageStats } from "@/data/usage";
import { Money } from "@/kit/Money";
import { meanUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { Tile, Tiles } from "@/kit/Tile";
import { tokensOf } from "./series";

/** Spend, requests, tokens and latency of a span at a glance. */
export function UseTiles({ stats }: { stats: UsageStats }) {
  const { totals } = stats;
  return (
    <Tiles>
      <Tile
        label={`Spend in ${stats.by_day.length} days`}
        value={<Money usd={totals.cost_usd} />}
        note={perRequest(stats)}
      />
      <Tile label="Requests" value={formatCount(totals.requests)} note={failures(stats)} />
      <Tile
        label="Tokens"
        value={formatCompact(tokensOf(totals))}
        note={`${formatCompact(totals.prompt_tokens)} in, ${formatCompact(totals.completion_tokens)} out`}
      />
      <Tile
        label="Latency"
        value={totals.latency_p50_ms === null ? "–" : formatDuration(totals.latency_p50_ms)}
        note={
          totals.latency_p95_ms === null
            ? "No request yet"
            : `median; 95% below ${formatDuration(totals.latency_p95_ms)}`
        }
      />
    </Tiles>
  );
}

function failures({ totals }: UsageStats): string {
  if (totals.errors === 0) return "None failed";
  return `${formatCount(totals.errors)} failed (${formatShare(totals.errors / totals.requests)})`;
}

function perRequest({ first, last, totals }: UsageStats) {
  if (totals.requests === 0) return `${first} to ${last}`;
  return (
    <>
      <Money usd={meanUsd(totals.cost_usd, totals.requests)} /> a request
    </>
  );
}
