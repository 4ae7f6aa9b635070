import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheckIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { formatAmount } from "@/kit/money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import { ADMIN, useChange } from "../parts/useChange";
import { useNameOf } from "../users/users";

type Case = Schema<"UnmatchedAnswer">;

const REASONS: Record<Case["reason"], string> = {
  not_ours: t`Not from here`,
  unknown_kind: t`An event of an unknown kind`,
  unreadable: t`An event that cannot be read`,
  currency: t`In another currency`,
  nobody: t`For nobody`,
  no_plan: t`For no plan`,
  no_payment: t`Of no known payment`,
  second_subscription: t`A second subscription`,
  account_gone: t`The account is gone`,
  second_trial: t`A second trial`,
};

/** What came of payment providers that nothing was credited for: money for nobody, and events that cannot be read. */
export default function PaymentsPage() {
  const cases = useInfiniteQuery({
    queryKey: [ADMIN, "unmatched"],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/payments/unmatched", { params: { query: { cursor } } })),
    ),
  });
  return (
    <Page
      title={t`Unmatched payments`}
      lead={t`Money and events of the payment provider that Farebox could make nothing of. Nothing was credited for them: mend the cause and have the event sent again, or refund it there, and close the case.`}
    >
      <Panel title={t`Open cases`} flush>
        <PagedTable
          label={t`Unmatched payments`}
          query={cases}
          rowKey={({ id }) => id}
          columns={[
            { title: t`What`, show: (found) => <What found={found} /> },
            { title: t`User`, show: ({ user_id }) => <User id={user_id} /> },
            { title: t`Times`, align: "right", show: ({ times }) => formatCount(times) },
            { title: t`Amount`, align: "right", place: "figure", show: amountOf },
            { title: t`Last seen`, align: "right", show: ({ updated_at }) => <When at={updated_at} /> },
            { title: t`Close`, align: "right", place: "action", show: (found) => <Close found={found} /> },
          ]}
          empty={
            <Empty icon={CircleCheckIcon} title={t`Every payment found its owner`}>
              {t`What cannot be matched is listed here, with what to do about it.`}
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}

function What({ found: { reason, detail, provider, about, event } }: { found: Case }) {
  return (
    <Stack gap={2} align="flex-start">
      <Text inherit fw={550}>
        {REASONS[reason]}
      </Text>
      <Text size="sm" c="dimmed">
        {detail}
      </Text>
      <Text size="xs" c="dimmed">
        <Trans>
          {provider}: <Code>{about}</Code>, event <Code>{event}</Code>
        </Trans>
      </Text>
    </Stack>
  );
}

function User({ id }: { id: string | null }) {
  return id === null ? <Faint>{t`Nobody`}</Faint> : <Named id={id} />;
}

function Named({ id }: { id: string }) {
  return <NameLink to={pageBelow("/admin/users", id)}>{useNameOf(id)}</NameLink>;
}

/** In the currency that it was paid in. */
function amountOf({ amount, currency }: Case) {
  return amount === null ? <Faint>{t`None`}</Faint> : formatAmount(amount, currency);
}

function Close({ found: { id, about } }: { found: Case }) {
  const close = useChange((caseId: string, headers) =>
    unwrap(api().DELETE("/api/admin/payments/unmatched/{id}", { params: { path: { id: caseId } }, headers })),
  );
  const ask = async () => {
    const sure = await confirm({
      title: t`Close this case?`,
      children: t`Do so once ${about} was refunded, or credited by hand. It leaves the list; the audit trail keeps it.`,
      action: t`Close case`,
    });
    if (!sure) return;
    close.mutate(id, {
      onSuccess: () => notifyDone(t`The case is closed.`),
      onError: (error) => notifyProblem(error, t`The case was not closed`),
    });
  };
  return (
    <Button size="compact-sm" variant="default" loading={close.isPending} onClick={() => void ask()}>
      {t`Close`}
    </Button>
  );
}
