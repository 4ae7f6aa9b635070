import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Progress } from "@mantine/core";
import { useZone } from "@/data/me";
import type { Wallet } from "@/data/wallet";
import { formatDate, formatMonth } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { compareUsd, forChart, formatUsd } from "@/kit/money";
import { Tile, Tiles } from "@/kit/Tile";
import { whatComesAndGoes } from "./lapsing";
import { usePlanName } from "./useOffer";

/** What there is, what of it is promised, and how the month's budget stands. */
export function WalletTiles({ wallet }: { wallet: Wallet }) {
  const zone = useZone();
  const planName = usePlanName();
  const { budget, plan } = wallet;
  const coming = whatComesAndGoes(wallet, zone);
  const isReserved = compareUsd(wallet.reserved_usd, "0") > 0;
  const month = formatMonth(budget.period);
  return (
    <Tiles>
      <Tile
        label={t`Balance`}
        value={<Money usd={wallet.balance_usd} rounding="down" />}
        note={
          isReserved ? (
            <Trans>
              <Money usd={wallet.reserved_usd} /> held for running requests
            </Trans>
          ) : (
            coming
          )
        }
      />
      <Tile
        label={t`Spent in ${month}`}
        value={<Money usd={budget.spent_usd} />}
        note={
          budget.limit_usd === null ? (
            t`No monthly budget`
          ) : (
            <>
              {budget.remaining_usd === null
                ? t`of ${{ limit: formatUsd(budget.limit_usd, { exact: true }) }}`
                : t`${{ left: formatUsd(budget.remaining_usd, { rounding: "down" }) }} left of ${{ limit: formatUsd(budget.limit_usd, { exact: true }) }}`}
              <Progress
                mt={8}
                size="sm"
                value={share(budget.spent_usd, budget.limit_usd)}
                aria-label={t`Budget used in ${month}`}
              />
            </>
          )
        }
      />
      <Tile
        label={t`Plan`}
        value={plan === null ? t({ message: "None", context: "plan" }) : planName(plan)}
        note={plan === null ? t`You pay as you go` : renewal(wallet, zone, planName)}
      />
    </Tiles>
  );
}

function renewal({ subscription }: Wallet, zone: string, planName: (plan: string) => string): string {
  if (subscription === null) return t`Given to you`;
  const { payment_problem, ends_at, trial_ends_at, renews_at, status, next } = subscription;
  if (payment_problem !== null) return payment_problem === "paused" ? t`Paused` : t`Its payment failed`;
  if (ends_at !== null) return t`Ends on ${{ when: formatDate(ends_at, zone) }}`;
  if (status === "trialing" && trial_ends_at !== null)
    return t`Free until ${{ when: formatDate(trial_ends_at, zone) }}`;
  if (next !== null && next.plan !== subscription.plan)
    return t`${{ plan: planName(next.plan) }} from ${{ when: formatDate(next.begins_at, zone) }}`;
  return renews_at === null ? "" : t`Renews on ${{ when: formatDate(renews_at, zone) }}`;
}

function share(spent: string, limit: string): number {
  return compareUsd(limit, "0") <= 0 ? 100 : Math.min(100, (forChart(spent) / forChart(limit)) * 100);
}
