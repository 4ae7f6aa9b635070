import { ph, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Progress } from "@mantine/core";
import { Link } from "react-router";
import { useMay } from "@/data/organisations";
import type { UsageStats } from "@/data/usage";
import type { Wallet } from "@/data/wallet";
import { formatMonth } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { compareUsd, formatUsd, shareOfUsd } from "@/kit/money";
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
        label={t`Balance`}
        value={<Money usd={wallet.balance_usd} rounding="down" />}
        note={<BalanceNote wallet={wallet} week={week} />}
      />
      <BudgetTile wallet={wallet} />
      <Tile
        label={t`Spent today`}
        value={today === undefined ? "–" : <Money usd={today.cost_usd} />}
        note={
          today === undefined
            ? "…"
            : plural({ count: today.requests }, { one: "# request today", other: "# requests today" })
        }
      />
      <Tile
        label={t`Spent in a week`}
        value={week === undefined ? "–" : <Money usd={week.totals.cost_usd} />}
        note={
          week === undefined
            ? "…"
            : plural({ count: week.totals.requests }, { one: "# request", other: "# requests" })
        }
      />
    </Tiles>
  );
}

function BalanceNote({ wallet, week }: Props) {
  const mayPay = useMay()("payments.make");
  const held = compareUsd(wallet.reserved_usd, "0") > 0;
  if (held) return t`${{ reservedUsd: formatUsd(wallet.reserved_usd) }} held for running requests`;
  const days = daysLeft(wallet, week);
  if (days === null || days > 365)
    return mayPay ? (
      <Anchor component={Link} to="/billing" size="sm">
        {t`Add credit`}
      </Anchor>
    ) : null;
  return days < 1
    ? t`Less than a day at this pace`
    : plural(days, { one: "About # day at this pace", other: "About # days at this pace" });
}

/** A member's own budget where they have one: it is what stops them first. */
function BudgetTile({ wallet }: { wallet: Wallet }) {
  const { limit_usd, spent_usd, remaining_usd, period } = wallet.member_budget ?? wallet.budget;
  const month = formatMonth(period);
  const label = wallet.member_budget === null ? t`Budget for ${{ month }}` : t`Your budget for ${{ month }}`;
  if (limit_usd === null) {
    return (
      <Tile
        label={label}
        value={t`No limit`}
        note={
          <Trans>
            <Money usd={spent_usd} /> spent
          </Trans>
        }
      />
    );
  }
  const share = shareOfUsd(spent_usd, limit_usd);
  return (
    <Tile
      label={label}
      value={
        <Trans>
          <Money usd={remaining_usd ?? "0"} rounding="down" /> left
        </Trans>
      }
      note={
        <>
          <Progress
            value={share * 100}
            size="sm"
            my={6}
            color={share >= 1 ? "red" : share >= 0.8 ? "orange" : "fare"}
            aria-label={t`Spent of the monthly budget`}
          />
          <Trans>
            <Money usd={spent_usd} /> of {ph({ limitUsd: formatUsd(limit_usd) })} spent
          </Trans>
        </>
      }
    />
  );
}
