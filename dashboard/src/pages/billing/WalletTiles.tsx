import { Progress } from "@mantine/core";
import type { Wallet } from "@/data/wallet";
import { formatMonth } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { compareUsd, forChart, formatUsd } from "@/kit/money";
import { Tile, Tiles } from "@/kit/Tile";

/** What there is, what of it is promised, and how the month's budget stands. */
export function WalletTiles({ wallet }: { wallet: Wallet }) {
  const { budget, plan } = wallet;
  const isReserved = compareUsd(wallet.reserved_usd, "0") > 0;
  const month = formatMonth(budget.period);
  return (
    <Tiles>
      <Tile
        label="Balance"
        value={<Money usd={wallet.balance_usd} rounding="down" />}
        note={
          isReserved ? (
            <>
              <Money usd={wallet.reserved_usd} /> held for running requests
            </>
          ) : (
            "All of it can be spent"
          )
        }
      />
      <Tile
        label={`Spent in ${month}`}
        value={<Money usd={budget.spent_usd} />}
        note={
          budget.limit_usd === null ? (
            "No monthly budget"
          ) : (
            <>
              {budget.remaining_usd === null
                ? ""
                : `${formatUsd(budget.remaining_usd, { rounding: "down" })} left `}
              of {formatUsd(budget.limit_usd)}
              <Progress
                mt={8}
                size="sm"
                value={share(budget.spent_usd, budget.limit_usd)}
                aria-label={`Budget used in ${month}`}
              />
            </>
          )
        }
      />
      <Tile
        label="Plan"
        value={plan === null ? "None" : plan.charAt(0).toUpperCase() + plan.slice(1)}
        note={plan === null ? "You pay as you go" : "Renews monthly"}
      />
    </Tiles>
  );
}

function share(spent: string, limit: string): number {
  return compareUsd(limit, "0") <= 0 ? 100 : Math.min(100, (forChart(spent) / forChart(limit)) * 100);
}
