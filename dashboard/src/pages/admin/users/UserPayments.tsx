import { t } from "@lingui/core/macro";
import { Anchor } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ReceiptTextIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { PAYMENT_KINDS, PAYMENT_STATES } from "@/data/payments";
import { Empty } from "@/kit/Empty";
import { ExportMenu } from "@/kit/ExportMenu";
import { Money } from "@/kit/Money";
import { compareUsd, formatAmount } from "@/kit/money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";
import { FEW } from "./users";

type Payment = Schema<"PaymentAnswer">;

/** What a user paid, with the provider's receipts. */
export function UserPayments({ id }: { id: string }) {
  const payments = useInfiniteQuery({
    queryKey: [ADMIN, "user-payments", id],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/users/{id}/payments", { params: { path: { id }, query: { cursor } } })),
    ),
  });
  const read = (format: "csv" | "json" | "jsonl") => {
    const params = { path: { id }, query: { format } };
    return unwrap(api().GET("/api/admin/users/{id}/payments/export", { params, parseAs: "blob" }));
  };
  return (
    <Panel
      title={t`Payments`}
      lead={t`What the payment provider has told of.`}
      flush
      actions={<ExportMenu name="payments" read={read} />}
    >
      <PagedTable
        label={t`Payments`}
        query={payments}
        atFirst={FEW}
        rowKey={(payment) => payment.id}
        columns={[
          { title: t`When`, show: ({ created_at }) => <When at={created_at} /> },
          { title: t`What`, show: whatOf },
          { title: t`Status`, show: (payment) => <Standing payment={payment} /> },
          { title: t`Paid`, align: "right", place: "figure", show: (payment) => <Paid payment={payment} /> },
          { title: t`Credit`, align: "right", show: ({ credit_usd }) => <Money usd={credit_usd} /> },
          { title: t`Taken back`, align: "right", show: ({ returned_usd }) => <Money usd={returned_usd} /> },
          { title: t`Receipt`, show: ({ receipt_url }) => <Receipt url={receipt_url} /> },
        ]}
        empty={
          <Empty title={t`No payments yet`} icon={ReceiptTextIcon}>
            {t`What this user pays appears here.`}
          </Empty>
        }
      />
    </Panel>
  );
}

function whatOf({ kind, reference }: Payment): string {
  const what = PAYMENT_KINDS[kind] ?? kind;
  return reference === "" ? what : `${what}, ${reference}`;
}

function Standing({ payment: { status, returned_usd } }: { payment: Payment }) {
  const tone = compareUsd(returned_usd, "0") > 0 ? "warn" : status === "paid" ? "good" : "bad";
  return <Status tone={tone}>{PAYMENT_STATES[status]}</Status>;
}

function Paid({ payment: { paid_usd, currency } }: { payment: Payment }) {
  return currency === "usd" ? <Money usd={paid_usd} /> : formatAmount(paid_usd, currency);
}

function Receipt({ url }: { url: string | null }) {
  if (url === null || !/^https?:/.test(url)) return null;
  return (
    <Anchor href={url} target="_blank" rel="noopener noreferrer" inherit>
      {t`Receipt`}
    </Anchor>
  );
}
