import { Anchor, Progress } from "@mantine/core";
import { Link } from "react-router";
import { useMay } from "@/data/organisations";
import type { UsageStats } from "@/data/usage";
import type { Wallet } from "@/data/wallet";
import { formatMonth } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { compareUsd, formatUsd, shareOfUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import { Tile, Tiles } from "@/kit/Tile";
import { daysLeft } from "./attention";

interface Props {
  wallet: Wallet;
  week: UsageStats | undefined;
}

/** What there is to spend, what may be spent this month, and what was spent today. */
export function MoneyTiles({ wallet, week }: Props) {
  const today = week?.by_day.at(-1);
  return (
    <Tiles>
      <Tile
        label="Balance"
        value={<Money usd={wallet.balance_usd} rounding="down" />}
        note={<BalanceNote wallet={wallet} week={week} />}
      />
      <BudgetTile wallet={wallet} />
      <Tile
        label="Spent today"
        value={today === undefined ? "–" : <Money usd={today.cost_usd} />}
        note={today === undefined ? "…" : `${count(today.requests, "request")} today`}
      />
      <Tile
        label="Spent in a week"
        value={week === undefined ? "–" : <Money usd={week.totals.cost_usd} />}
        note={week === undefined ? "…" : count(week.totals.requests, "request")}
      />
    </Tiles>
  );
}

function BalanceNote({ wallet, week }: Props) {
  const mayPay = useMay()("payments.make");
  const held = compareUsd(wallet.reserved_usd, "0") > 0;
  if (held) return `${formatUsd(wallet.reserved_usd)} held for running requests`;
  const days = daysLeft(wallet, week);
  if (days === null || days > 365)
    return mayPay ? (
      <Anchor component={Link} to="/billing" size="sm">
        Add credit
      </Anchor>
    ) : null;
  return days < 1 ? "Less than a day at this pace" : `About ${count(days, "day")} at this pace`;
}

function BudgetTile({ wallet }: { wallet: Wallet }) {
  const { limit_usd, spent_usd, remaining_usd, period } = wallet.budget;
  const label = `Budget for ${formatMonth(period)}`;
  if (limit_usd === null) {
    return (
      <Tile
        label={label}
        value="No limit"
        note={
          <>
            <Money usd={spent_usd} /> spent
          </>
        }
      />
    );
  }
  const share = shareOfUsd(spent_usd, limit_usd);
  return (
    <Tile
      label={label}
      value={
        <>
          <Money usd={remaining_usd ?? "0"} rounding="down" /> left
        </>
      }
      note={
        <>
          <Progress
            value={share * 100}
            size="sm"
            my={6}
            color={share >= 1 ? "red" : share >= 0.8 ? "orange" : "fare"}
            aria-label="Spent of the monthly budget"
          />
          <Money usd={spent_usd} /> of {formatUsd(limit_usd)} spent
        </>
      }
    />
  );
}

function count(number: number, one: string): string {
  return `${formatCount(number)} ${one}${number === 1 ? "" : "s"}`;
}
