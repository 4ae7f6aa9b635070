import { plural, t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { BellIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";

type Told = Schema<"AlertAnswer">;

const MAIL: Record<Told["mail"], string | null> = {
  none: null,
  waits: t`On its way`,
  sent: t`Sent`,
  given_up: t`Given up`,
};
const WEBHOOK: Record<Told["webhook"], string | null> = {
  none: null,
  waits: t`On its way`,
  delivered: t`Delivered`,
  given_up: t`Given up`,
};

/** What one was told, and whether it arrived. */
export function AlertLog() {
  const told = useInfiniteQuery({
    queryKey: ["alerts", "log"],
    ...pagesOf((cursor) => unwrap(api().GET("/api/wallet/alerts/log", { params: { query: { cursor } } }))),
  });
  return (
    <Panel title={t`What you were told`} flush>
      <PagedTable
        label={t`Alerts`}
        query={told}
        rowKey={({ id }) => id}
        columns={[
          { title: t`When`, show: ({ created_at }) => <When at={created_at} /> },
          { title: t`What`, show: ({ subject }) => subject },
          { title: t`Mail`, show: ({ mail }) => MAIL[mail] },
          { title: t`Webhook`, show: (alert) => <Delivery alert={alert} /> },
        ]}
        empty={
          <Empty icon={BellIcon} title={t`No alerts yet`}>
            {t`When there is something to tell you, it is listed here too, with whether it arrived.`}
          </Empty>
        }
      />
    </Panel>
  );
}

function Delivery({ alert: { webhook, problem, attempts } }: { alert: Told }) {
  return (
    <>
      {WEBHOOK[webhook]}
      {problem !== null && (
        <Text size="xs" c="dimmed">
          {problem} ({plural(attempts, { one: "one attempt", other: "# attempts" })})
        </Text>
      )}
    </>
  );
}
