import { t } from "@lingui/core/macro";
import { Anchor } from "@mantine/core";
import { Suspense } from "react";
import { Link } from "react-router";
import { useKeys } from "@/data/keys";
import { useMe } from "@/data/me";
import { useSight } from "@/data/seeing";
import { useSignInOptions } from "@/data/signInOptions";
import { useRequests, useUsageStats } from "@/data/usage";
import { useWallet } from "@/data/wallet";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { lazily } from "@/kit/lazily";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Attention } from "./Attention";
import { notices } from "./attention";
import { FirstSteps } from "./FirstSteps";
import { MoneyTiles } from "./MoneyTiles";
import { firstSteps, isNew } from "./steps";

// What is below the balance need not wait with it, and is no part of the first load.
const Spending = lazily(() => import("./Spending"));
const RecentRequests = lazily(() => import("./RecentRequests"));
const RECENT = 6;

/** How one stands: what there is to spend, what was spent on what, and what needs attention. */
export default function OverviewPage() {
  const me = useMe();
  const wallet = useWallet();
  const week = useUsageStats(7);
  const keys = useKeys();
  const support = useSignInOptions().data?.support_email;
  const recent = useRequests({}, RECENT);
  const isSeeing = useSight() !== null;
  const ownKeys = keys.data?.pages.flatMap((page) => page.data) ?? [];
  const hasRequests = (recent.data?.pages[0]?.data.length ?? 0) > 0;
  const isKnown = recent.isSuccess && (keys.isSuccess || keys.isError);
  const steps =
    me.data && wallet.data && isKnown
      ? firstSteps({ wallet: wallet.data, me: me.data, keys: ownKeys, hasRequests })
      : null;
  const isNewcomer = steps !== null && isNew(steps);
  const given = me.data?.full_name?.split(" ")[0];
  return (
    <Page title={t`Overview`} lead={given ? t`Good to see you, ${given}.` : undefined}>
      {isNewcomer && steps && <FirstSteps steps={steps} balance={wallet.data?.balance_usd ?? "0"} />}
      {me.data && wallet.data && (
        <Attention
          notices={notices({
            wallet: wallet.data,
            me: me.data,
            keys: ownKeys,
            week: week.data,
            support,
          }).filter(
            ({ id }) =>
              !(isNewcomer && (id === "email" || id === "balance")) && // the first steps say so
              !(isSeeing && id === "email"), // only its owner is told whether it is confirmed
          )}
        />
      )}
      <Loaded query={wallet} loading={<Loading as="tile" />}>
        {(data) => <MoneyTiles wallet={data} week={week.data} />}
      </Loaded>
      {hasRequests && (
        <Suspense fallback={<Loading as="chart" />}>
          <Spending />
        </Suspense>
      )}
      <Panel
        title={t`Recent requests`}
        flush
        actions={
          hasRequests && (
            <Anchor component={Link} to="/usage" size="sm">
              {t`All requests`}
            </Anchor>
          )
        }
      >
        <Suspense fallback={<Loading as="rows" />}>
          <RecentRequests query={recent} keyName={(id) => ownKeys.find((key) => key.id === id)?.name ?? id} />
        </Suspense>
      </Panel>
    </Page>
  );
}
