import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ReceiptTextIcon } from "lucide-react";
import { useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { sayEntry } from "@/data/sayEntry";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { ADMIN } from "../parts/useChange";
import { FEW } from "./users";

type EntryType = Schema<"TransactionAnswer">["type"];

const TYPES: Record<EntryType, string> = {
  topup: t`Top-up`,
  usage: t`Usage`,
  bonus: t`Bonus`,
  refund: t`Refund`,
  adjustment: t`Adjustment`,
  grant: t`Plan credit`,
  expiry: t`Expiry`,
};

/** A user's ledger: each change of the balance, with what it was before and after. */
export function UserLedger({ id }: { id: string }) {
  const [type, setType] = useState<EntryType | null>(null);
  const entries = useInfiniteQuery({
    queryKey: [ADMIN, "user-ledger", id, type],
    ...pagesOf((cursor) =>
      unwrap(
        api().GET("/api/admin/users/{id}/transactions", {
          params: { path: { id }, query: { cursor, type: type ?? undefined } },
        }),
      ),
    ),
    placeholderData: (former) => former,
  });
  return (
    <Panel
      title={t`Ledger`}
      flush
      actions={
        <Select
          aria-label={t`Type of entry`}
          placeholder={t`All types`}
          size="xs"
          w={150}
          clearable
          value={type}
          onChange={(value) => setType(value as EntryType | null)}
          data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        />
      }
    >
      <PagedTable
        label={t`Ledger of this user`}
        query={entries}
        atFirst={FEW}
        rowKey={(entry) => entry.id}
        columns={[
          { title: t`When`, show: (entry) => <When at={entry.created_at} /> },
          { title: t`Type`, show: (entry) => TYPES[entry.type] ?? entry.type },
          {
            title: t`What for`,
            show: (entry) => sayEntry(entry.description) || <Faint>{entry.reference}</Faint>,
          },
          {
            title: t`Amount`,
            align: "right",
            place: "figure",
            show: (entry) => <Money usd={entry.amount_usd} exact signed />,
          },
          {
            title: t`Balance after`,
            align: "right",
            show: (entry) => <Money usd={entry.balance_after_usd} exact />,
          },
        ]}
        empty={
          <Empty title={type === null ? t`Nothing in the ledger` : t`No such entries`} icon={ReceiptTextIcon}>
            {t`Credit and spending appear here.`}
          </Empty>
        }
      />
    </Panel>
  );
}
