import { plural, t } from "@lingui/core/macro";
import type { NamedFigures } from "@/data/usage";
import { Money } from "@/kit/Money";
import { formatCompact, formatCount, formatDuration } from "@/kit/numbers";
import type { Rank } from "@/kit/Ranking";
import { heightOf, type Metric, tokensOf, toldOf } from "./series";

/** Models, or keys, by what they came to, the most first. */
export function ranks(
  groups: NamedFigures[],
  metric: Metric,
  label: (name: string) => string = (name) => name,
): Rank[] {
  return groups.map((figures) => ({
    key: figures.name,
    label: label(figures.name),
    height: heightOf(figures, metric),
    told: metric === "cost" ? <Money usd={figures.cost_usd} /> : toldOf(figures, metric),
    note: [
      plural({ count: figures.requests }, { one: "# request", other: "# requests" }),
      t`${{ tokens: formatCompact(tokensOf(figures)) }} tokens`,
      ...(figures.errors > 0 ? [t`${{ errors: formatCount(figures.errors) }} failed`] : []),
      ...(figures.latency_p50_ms === null
        ? []
        : [t`median ${{ duration: formatDuration(figures.latency_p50_ms) }}`]),
    ].join(" · "),
  }));
}
