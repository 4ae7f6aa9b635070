import { Skeleton, Tooltip } from "@mantine/core";
import { Link } from "react-router";
import { useWallet } from "@/data/wallet";
import { formatUsd } from "@/kit/money";
import classes from "./BalanceBadge.module.css";

/** What there is to spend, on every page. Leads to where it is made more. */
export function BalanceBadge() {
  const wallet = useWallet();
  if (wallet.data === undefined) {
    return wallet.isError ? (
      <Link to="/billing" className={classes.badge}>
        Balance unknown
      </Link>
    ) : (
      <Skeleton w={120} h={34} radius="xl" />
    );
  }
  const { balance_usd } = wallet.data;
  const shown = formatUsd(balance_usd, { rounding: "down" });
  return (
    <Tooltip label={formatUsd(balance_usd, { exact: true })}>
      <Link to="/billing" className={classes.badge} aria-label={`Balance ${shown}, go to billing`}>
        <span className={classes.coin} aria-hidden="true" />
        <span className={classes.word}>Balance</span>
        <strong className="figures">{shown}</strong>
      </Link>
    </Tooltip>
  );
}
