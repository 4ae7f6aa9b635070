import { t } from "@lingui/core/macro";
import { Anchor, Badge } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ReceiptTextIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { PAYMENT_KINDS, PAYMENT_STATES } from "@/data/payments";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { compareUsd, formatAmount } from "@/kit/money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { usePlanName } from "./useOffer";

type Payment = Schema<"PaymentAnswer">;

/** What was paid, with the provider's receipts. */
export function Payments() {
  const payments = useInfiniteQuery({
    queryKey: ["payments"],
    ...pagesOf((cursor) => unwrap(api().GET("/api/wallet/payments", { params: { query: { cursor } } }))),
  });
  const planName = usePlanName();
  return (
    <Panel
      title={t`Payments`}
      lead={t`With the provider's receipts and invoices. “Cards and invoices” above leads to its page.`}
      flush
    >
      <PagedTable
        label={t`Payments`}
        query={payments}
        rowKey={({ id }) => id}
        columns={[
          { title: t`When`, show: ({ created_at }) => <When at={created_at} /> },
          { title: t`What`, show: (payment) => whatOf(payment, planName) },
          { title: t`Status`, show: (payment) => <Status payment={payment} /> },
          { title: t`Paid`, align: "right", place: "figure", show: (payment) => <Paid payment={payment} /> },
          { title: t`Credit`, align: "right", show: ({ credit_usd }) => <Money usd={credit_usd} exact /> },
          { title: t`Bonus`, align: "right", show: ({ bonus_usd }) => <Money usd={bonus_usd} exact /> },
          { title: t`Receipt`, show: ({ receipt_url }) => <Paper url={receipt_url} what={t`Receipt`} /> },
          { title: t`Invoice`, show: ({ invoice_url }) => <Paper url={invoice_url} what={t`Invoice`} /> },
        ]}
        empty={
          <Empty icon={ReceiptTextIcon} title={t`No payments yet`}>
            {t`They appear here when you top up or subscribe.`}
          </Empty>
        }
      />
    </Panel>
  );
}

function whatOf({ kind, reference }: Payment, planName: (id: string) => string): string {
  const what = kind === null ? t`Payment` : (PAYMENT_KINDS[kind] ?? kind);
  return reference === "" ? what : `${what}, ${kind === "plan" ? planName(reference) : reference}`;
}

function Status({ payment: { status, returned_usd } }: { payment: Payment }) {
  const color = status === "paid" ? "fare" : compareUsd(returned_usd, "0") > 0 ? "orange" : "gray";
  return (
    <Badge variant="light" color={color}>
      {PAYMENT_STATES[status]}
    </Badge>
  );
}

/** The API's amounts are in dollars, but what was paid in another currency is told in that. */
function Paid({ payment: { paid_usd, currency } }: { payment: Payment }) {
  if (currency === "usd") return <Money usd={paid_usd} exact />;
  return formatAmount(paid_usd, currency);
}

function Paper({ url, what }: { url: string | null; what: string }) {
  if (url === null || !/^https?:/.test(url)) return null;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer" inherit>
      {what}
    </Anchor>
  );
}
