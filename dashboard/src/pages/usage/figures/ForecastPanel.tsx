import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useZone } from "@/data/me";
import { useUsageStats } from "@/data/usage";
import { useWallet } from "@/data/wallet";
import { formatDay } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { dayOf } from "@/kit/zoned";
import { firstDayFor, forecast, PACE_DAYS } from "./forecast";

/** Where all spending leads, whatever the page's filters: to the month's end, and to the wallet's. */
export function ForecastPanel() {
  const today = dayOf(new Date(), useZone());
  const stats = useUsageStats(7, { first: firstDayFor(today) });
  const wallet = useWallet();
  if (stats.data === undefined || wallet.data === undefined) return null; // it comes with the rest, or is not missed
  const told = forecast(stats.data.by_day, today, wallet.data.available_usd);
  const isRecharged = wallet.data.auto_recharge?.enabled === true;
  return (
    <Panel
      title={t`Where it leads`}
      lead={t`At the pace of the last ${PACE_DAYS} whole days, of all keys and models.`}
    >
      <Tiles>
        <Tile label={t`This month so far`} value={<Money usd={told.soFarUsd} />} note={t`today included`} />
        <Tile
          label={t`By the month's end`}
          value={<Money usd={told.monthEndUsd} />}
          note={<Pace usd={told.paceUsd} />}
        />
        <Tile
          label={t`The balance lasts`}
          value={told.emptyOn === null ? t`Over a year` : t`until ${{ emptyOn: formatDay(told.emptyOn) }}`}
          note={isRecharged ? t`and is recharged by itself` : <Left usd={wallet.data.available_usd} />}
        />
      </Tiles>
    </Panel>
  );
}

function Pace({ usd }: { usd: string }) {
  return (
    <Trans>
      <Money usd={usd} /> a day
    </Trans>
  );
}

function Left({ usd }: { usd: string }) {
  return (
    <Trans>
      <Money usd={usd} rounding="down" /> to spend
    </Trans>
  );
}
