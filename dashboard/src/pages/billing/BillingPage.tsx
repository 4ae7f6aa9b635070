import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useParams } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { type Right, useMay } from "@/data/organisations";
import { useWallet } from "@/data/wallet";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { RoutedPanel, type RoutedTab, RoutedTabs } from "@/kit/RoutedTabs";
import { useOnce } from "@/kit/useOnce";
import { AlertLog } from "./AlertLog";
import { Alerts } from "./Alerts";
import { AutoRecharge } from "./AutoRecharge";
import { CheckoutReturn } from "./CheckoutReturn";
import { goToPortal } from "./checkout";
import { Ledger } from "./Ledger";
import { Notices } from "./Notices";
import { Payments } from "./Payments";
import { Plans } from "./Plans";
import { Redeem } from "./Redeem";
import { TopUp } from "./TopUp";
import { WalletTiles } from "./WalletTiles";

const TABS: (RoutedTab & { right: Right })[] = [
  { value: "top-up", label: t`Top up`, right: "payments.make" },
  { value: "plans", label: t`Plans`, right: "payments.make" },
  { value: "automatic", label: t`Recharge and alerts`, right: "alerts.change" },
  { value: "payments", label: t`Payments`, right: "ledger.read" },
  { value: "ledger", label: t`Ledger`, right: "ledger.read" },
];

/** The paths below `/billing`: the tab, which is the first where none is named. */
export default function BillingPage() {
  const wallet = useWallet();
  const { "*": path = "" } = useParams();
  const may = useMay();
  const offered = TABS.filter(({ right }) => may(right));
  const first = offered[0]?.value;
  const tab = path || first;
  const portal = useOnce({
    mutationFn: goToPortal,
    onError: (error) => notifyProblem(error, t`The page for cards and invoices did not open`),
  });
  if (tab === undefined || !offered.some(({ value }) => value === tab)) return <NotFoundPage />;
  return (
    <Page
      title={t`Billing`}
      lead={t`Pay in before you spend. Every movement is in the ledger, to the billionth of a dollar.`}
      actions={
        may("payments.manage") && (
          <Button variant="default" onClick={() => portal.mutate()} loading={portal.isPending}>
            {t`Cards and invoices`}
          </Button>
        )
      }
    >
      <CheckoutReturn />
      <Loaded query={wallet} loading={<Loading as="tile" />}>
        {(data) => (
          <>
            <Notices wallet={data} />
            <WalletTiles wallet={data} />
          </>
        )}
      </Loaded>
      <RoutedTabs path="/billing" tabs={offered} value={tab}>
        <RoutedPanel value="top-up">
          <TopUp />
          <Redeem />
        </RoutedPanel>
        <RoutedPanel value="plans">
          <Plans />
        </RoutedPanel>
        <RoutedPanel value="automatic">
          <Loaded query={wallet}>
            {(data) => (
              <>
                <AutoRecharge terms={data.auto_recharge} />
                <Alerts />
                <AlertLog />
              </>
            )}
          </Loaded>
        </RoutedPanel>
        <RoutedPanel value="payments">
          <Payments />
        </RoutedPanel>
        <RoutedPanel value="ledger">
          <Ledger />
        </RoutedPanel>
      </RoutedTabs>
    </Page>
  );
}
