import { t } from "@lingui/core/macro";
import { Skeleton, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { useMay } from "@/data/organisations";
import { useWallet } from "@/data/wallet";
import { compareUsd, formatUsd, fromNanos, toNanos } from "@/kit/money";
import classes from "./BalanceBadge.module.css";

/** What there is to spend, on every page. Leads to where it is made more. */
export function BalanceBadge() {
  const wallet = useWallet();
  const spent = useJustSpent(wallet.data?.balance_usd);
  const isLink = useMay()("ledger.read"); // those who may not see the billing page see the balance alone
  if (wallet.data === undefined) {
    return wallet.isError ? (
      <Link to="/billing" className={classes.badge}>
        {t`Balance unknown`}
      </Link>
    ) : (
      <Skeleton w={120} h={34} radius="xl" />
    );
  }
  const { balance_usd } = wallet.data;
  const shown = formatUsd(balance_usd, { rounding: "down" });
  const words = (
    <>
      <span className={classes.coin} aria-hidden="true" />
      <span className={classes.word}>{t`Balance`}</span>
      <strong className="figures">{shown}</strong>
      {spent !== null && (
        <span key={balance_usd} className={`${classes.spent} figures`} data-usd={formatUsd(spent)} />
      )}
    </>
  );
  return (
    <Tooltip label={formatUsd(balance_usd, { exact: true })}>
      {isLink ? (
        <Link to="/billing" className={classes.badge} aria-label={t`Balance ${shown}, go to billing`}>
          {words}
        </Link>
      ) : (
        <span className={classes.badge}>{words}</span>
      )}
    </Tooltip>
  );
}

const SHOWN_MS = 4_000;

/** By how much the balance has just fallen, as a negative amount, for as long as that is news. Most requests cost less
 * than the cents that a balance shows. */
function useJustSpent(balance: string | undefined): string | null {
  const former = useRef<string>(undefined);
  const [spent, setSpent] = useState<string | null>(null);
  useEffect(() => {
    const before = former.current;
    former.current = balance;
    if (before === undefined || balance === undefined || compareUsd(balance, before) >= 0) return;
    setSpent(fromNanos(toNanos(balance) - toNanos(before)));
    const timer = setTimeout(() => setSpent(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [balance]);
  return spent;
}
