import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { UsageStats } from "@/data/usage";
import { formatFullDay } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { forChart, meanUsd } from "@/kit/money";
import { formatCompact, formatCount, formatDuration, formatShare } from "@/kit/numbers";
import { Tile, Tiles } from "@/kit/Tile";
import { AMOUNT, changeOf, DURATION, isLike } from "./figures/change";
import { tokensOf } from "./series";

interface Props {
  stats: UsageStats;
  /** The span before, of as many days, to hold it against. */
  before?: UsageStats;
}

/** Spend, requests, tokens and latency of a span at a glance. */
export function UseTiles({ stats, before }: Props) {
  const { totals } = stats;
  const against = (figure: (figures: UsageStats["totals"]) => number | null, words = AMOUNT) => (
    <Against
      now={figure(totals)}
      before={before && figure(before.totals)}
      days={stats.by_day.length}
      words={words}
    />
  );
  return (
    <Tiles>
      <Tile
        label={t`Spend in ${{ days: stats.by_day.length }} days`}
        value={<Money usd={totals.cost_usd} />}
        note={
          <>
            {perRequest(stats)}
            {against(({ cost_usd }) => forChart(cost_usd))}
          </>
        }
      />
      <Tile
        label={t`Requests`}
        value={formatCount(totals.requests)}
        note={
          <>
            {failures(stats)}
            {against(({ requests }) => requests)}
          </>
        }
      />
      <Tile
        label={t`Tokens`}
        value={formatCompact(tokensOf(totals))}
        note={
          <>
            {t`${{ promptTokens: formatCompact(totals.prompt_tokens) }} in, ${{ completionTokens: formatCompact(totals.completion_tokens) }} out`}
            {against(tokensOf)}
          </>
        }
      />
      <Tile
        label={t`Latency`}
        value={totals.latency_p50_ms === null ? "–" : formatDuration(totals.latency_p50_ms)}
        note={
          totals.latency_p95_ms === null ? (
            t`No request yet`
          ) : (
            <>
              {t`median; 95% below ${{ duration: formatDuration(totals.latency_p95_ms) }}`}
              {against(({ latency_p50_ms }) => latency_p50_ms, DURATION)}
            </>
          )
        }
      />
    </Tiles>
  );
}

interface AgainstProps {
  now: number | null;
  before: number | null | undefined;
  days: number;
  words: typeof AMOUNT;
}

/** How a figure stands against the span before. A length alone is compared, so that it may be a chart's. */
function Against({ now, before, days, words }: AgainstProps) {
  if (now === null || before == null) return null;
  const change = changeOf(now, before, words);
  return change === null ? null : (
    <>
      <br />
      {isLike(now, before)
        ? t`${change} as in the ${days} days before`
        : t`${change} than in the ${days} days before`}
    </>
  );
}

function failures({ totals }: UsageStats): string {
  if (totals.errors === 0) return t`None failed`;
  return t`${{ errors: formatCount(totals.errors) }} failed (${{ share: formatShare(totals.errors / totals.requests) }})`;
}

function perRequest({ first, last, totals }: UsageStats) {
  if (totals.requests === 0) return t`${{ first: formatFullDay(first) }} to ${{ last: formatFullDay(last) }}`;
  return (
    <Trans>
      <Money usd={meanUsd(totals.cost_usd, totals.requests)} /> a request
    </Trans>
  );
}
