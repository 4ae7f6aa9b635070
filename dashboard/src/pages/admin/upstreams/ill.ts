import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";
import { formatList } from "@/kit/lists";
import { formatShare } from "@/kit/numbers";
import { healthOf, type Seen } from "./health";
import type { Upstream } from "./upstreams";

const MOST_FAILED = 0.2; // of the calls of seven days
const FEWEST_FAILED = 5; // below which a share says little

/** The upstreams in use that need somebody, and why: those that do not answer or are left alone now, and those of whose
 * calls many failed lately, whether others answered in their place or not. */
export function illUpstreams(
  upstreams: Upstream[],
  seen: Map<string, Seen>,
  week: Pick<Schema<"UpstreamFigures">, "name" | "requests" | "errors">[],
): { id: string; why: string }[] {
  return upstreams.flatMap((upstream) => {
    const { id, enabled } = upstream;
    const look = seen.get(id);
    const { tone } = healthOf(upstream, look);
    const reasons: string[] = [];
    if (tone === "bad") reasons.push(t`does not answer`);
    if (tone === "warn") reasons.push(look?.models.length ? t`has some models left alone` : t`is left alone`);
    const { requests = 0, errors = 0 } = week.find(({ name }) => name === id) ?? {};
    if (enabled && errors >= FEWEST_FAILED && errors / requests >= MOST_FAILED) {
      reasons.push(t`failed ${{ share: formatShare(errors / requests) }} of its calls of the last 7 days`);
    }
    return reasons.length === 0 ? [] : [{ id, why: formatList(reasons) }];
  });
}
