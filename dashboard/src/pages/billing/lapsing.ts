import { t } from "@lingui/core/macro";
import type { Wallet } from "@/data/wallet";
import { formatDate } from "@/kit/dates";
import { compareUsd, formatUsd, sumUsd } from "@/kit/money";

/** What is on its way to the balance, or else what of it lapses on the soonest day that any does. */
export function whatComesAndGoes(
  { pending_usd, expiring }: Pick<Wallet, "pending_usd" | "expiring">,
  zone: string,
): string {
  if (compareUsd(pending_usd, "0") > 0)
    return t`${{ pendingUsd: formatUsd(pending_usd) }} paid for, and on its way`;
  const [soonest] = expiring;
  if (soonest === undefined) return t`All of it can be spent`;
  const day = formatDate(soonest.expires_at, zone);
  const lapsing = expiring.filter(({ expires_at }) => formatDate(expires_at, zone) === day);
  const sum = sumUsd(lapsing.map(({ left_usd }) => left_usd));
  return t`${{ leftUsd: formatUsd(sum, { rounding: "down" }) }} of it lapses on ${{ when: day }}`;
}
