import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert } from "@mantine/core";
import { LockIcon, TriangleAlertIcon } from "lucide-react";
import { useMe } from "@/data/me";
import type { Wallet } from "@/data/wallet";
import { compareUsd, formatUsd } from "@/kit/money";
import { WhomToAsk } from "@/kit/Suspended";

/** What keeps money from being spent, and what ends that. */
export function Notices({ wallet }: { wallet: Wallet }) {
  const me = useMe();
  return (
    <>
      {me.data?.status === "suspended" && (
        <Alert color="red" icon={<LockIcon />} title={t`Your account is suspended`}>
          <Trans>
            Requests are refused, and nothing can be bought. Receipts and the ledger stay here. <WhomToAsk />
          </Trans>
        </Alert>
      )}
      {wallet.frozen && (
        <Alert color="red" icon={<LockIcon />} title={t`Your wallet is frozen`}>
          {t`A payment of yours is disputed at the bank. Nothing is spent until that is decided.`}
        </Alert>
      )}
      {compareUsd(wallet.debt_usd, "0") > 0 && (
        <Alert
          color="brass"
          icon={<TriangleAlertIcon />}
          title={t`You owe ${{ debtUsd: formatUsd(wallet.debt_usd, { exact: true }) }}`}
        >
          {t`A payment was taken back after its credit had been spent. The next credit pays this first; requests are refused until then.`}
        </Alert>
      )}
    </>
  );
}
