import { t } from "@lingui/core/macro";
import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CheckIcon, InfoIcon, LoaderCircleIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { useRefreshWallet } from "@/data/wallet";
import { formatUsd } from "@/kit/money";

type Payment = Schema<"PaymentAnswer">;

const ASK_EVERY_MS = 1_500;
const ASK_FOR_MS = 45_000;
const RECENT_MS = 10 * 60_000;

/** What became of the checkout that somebody comes back from. The address says so once, and is then made plain. */
export function CheckoutReturn() {
  const [search, setSearch] = useSearchParams();
  const [outcome, setOutcome] = useState<string | null>(null);
  const given = search.get("checkout");

  useEffect(() => {
    if (given === null) return;
    setOutcome(given);
    setSearch({}, { replace: true });
  }, [given, setSearch]);

  const close = () => setOutcome(null);
  if (outcome === "paid") return <Arrival onClose={close} />;
  if (outcome !== "cancelled") return null;
  return (
    <Alert icon={<InfoIcon />} color="gray" role="status" {...closing(close)}>
      {t`Nothing was paid. You can begin again whenever you like.`}
    </Alert>
  );
}

/** Waits for the provider's word about the payment, which may come a little after the person. */
function Arrival({ onClose }: { onClose: () => void }) {
  const [since] = useState(Date.now);
  const refreshWallet = useRefreshWallet();
  const latest = useQuery({
    queryKey: ["payments", "arrival", since],
    queryFn: async () => {
      const query = { limit: 1 };
      const { data } = await unwrap(api().GET("/api/wallet/payments", { params: { query } }));
      return data.find((payment) => Date.parse(payment.created_at) > since - RECENT_MS) ?? null;
    },
    refetchInterval: ({ state }) => (state.data || Date.now() - since > ASK_FOR_MS ? false : ASK_EVERY_MS),
  });
  const payment = latest.data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each payment
  useEffect(() => {
    if (payment) void refreshWallet();
  }, [payment?.id]);

  if (payment) {
    return (
      <Alert icon={<CheckIcon />} role="status" title={t`Thank you`} {...closing(onClose)}>
        {thanks(payment)}
      </Alert>
    );
  }
  return (
    <Alert icon={<LoaderCircleIcon />} color="gray" role="status" {...closing(onClose)}>
      {t`Your payment is being confirmed. The credit appears here by itself, usually within a few seconds.`}
    </Alert>
  );
}

function thanks({ kind, paid_usd, credit_usd, bonus_usd }: Payment): string {
  const [credit, bonus, paid] = [formatUsd(credit_usd), formatUsd(bonus_usd), formatUsd(paid_usd)];
  const what = kind === "plan" ? t`Your plan is paid with ${paid}` : t`You paid ${paid}`;
  return bonus_usd === "0.00"
    ? t`${what}: ${credit} of credit came to your wallet.`
    : t`${what}: ${credit} of credit and a bonus of ${bonus} came to your wallet.`;
}

const closing = (onClose: () => void) => ({
  withCloseButton: true,
  closeButtonLabel: t`Close this message`,
  onClose,
});
