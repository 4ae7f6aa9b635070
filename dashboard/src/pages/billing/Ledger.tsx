import { t } from "@lingui/core/macro";
import { Badge, Button, Select } from "@mantine/core";
import { LayoutListIcon } from "lucide-react";
import { useState } from "react";
import { useZone } from "@/data/me";
import { sayEntry } from "@/data/sayEntry";
import { DayRange } from "@/kit/DayRange";
import { Empty } from "@/kit/Empty";
import { Filters } from "@/kit/Filters";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { endOfDay, startOfDay } from "@/kit/zoned";
import { type EntryType, useLedger } from "./useLedger";

const TYPES: Record<EntryType, { label: string; color: string }> = {
  topup: { label: t`Top-up`, color: "fare" },
  usage: { label: t`Usage`, color: "gray" },
  bonus: { label: t`Bonus`, color: "brass" },
  refund: { label: t`Refund`, color: "orange" },
  adjustment: { label: t`Adjustment`, color: "gray" },
  grant: { label: t`Grant`, color: "fare" },
  expiry: { label: t`Expiry`, color: "gray" },
};

/** Every movement of the wallet, and the balance after it. */
export function Ledger() {
  const zone = useZone();
  const [type, setType] = useState<EntryType | null>(null);
  const [first, setFirst] = useState<string | null>(null);
  const [last, setLast] = useState<string | null>(null);
  const ledger = useLedger({
    type,
    from: first === null ? null : startOfDay(first, zone),
    to: last === null ? null : endOfDay(last, zone),
  });
  const isFiltered = type !== null || first !== null;
  const clear = () => {
    setType(null);
    setFirst(null);
    setLast(null);
  };
  return (
    <Panel
      title={t`Ledger`}
      lead={t`Usage is settled every few seconds, so an entry may cover several requests.`}
      flush
    >
      <Filters px="lg" pb="md">
        <Select
          label={t`Type`}
          placeholder={t`All`}
          clearable
          clearButtonProps={{ "aria-label": t`All types` }}
          w={160}
          data={Object.entries(TYPES).map(([value, { label }]) => ({ value, label }))}
          value={type}
          onChange={(value) => setType(value as EntryType | null)}
        />
        <DayRange
          w={270}
          value={[first, last]}
          onChange={([from, to]) => {
            setFirst(from);
            setLast(to);
          }}
        />
        {isFiltered && (
          <Button variant="subtle" onClick={clear}>
            {t`Show all`}
          </Button>
        )}
      </Filters>
      <PagedTable
        label={t`Ledger`}
        query={ledger}
        rowKey={({ id }) => id}
        columns={[
          { title: t`When`, show: ({ created_at }) => <When at={created_at} /> },
          { title: t`Type`, show: ({ type: kind }) => <Type type={kind} /> },
          { title: t`What`, show: ({ description }) => sayEntry(description) },
          {
            title: t`Amount`,
            align: "right",
            place: "figure",
            show: ({ amount_usd }) => <Money usd={amount_usd} exact signed />,
          },
          {
            title: t`Balance after`,
            align: "right",
            show: ({ balance_after_usd }) => <Money usd={balance_after_usd} exact />,
          },
        ]}
        empty={
          isFiltered ? (
            <Empty
              icon={LayoutListIcon}
              title={t`No entries`}
              action={
                <Button variant="default" mt="sm" onClick={clear}>
                  {t`Show all`}
                </Button>
              }
            >
              {t`Nothing of this type happened in this time.`}
            </Empty>
          ) : (
            <Empty icon={LayoutListIcon} title={t`Nothing has moved yet`}>
              {t`Top-ups, bonuses and what requests cost appear here.`}
            </Empty>
          )
        }
      />
    </Panel>
  );
}

function Type({ type }: { type: EntryType }) {
  const { label, color } = TYPES[type];
  return (
    <Badge variant="light" color={color}>
      {label}
    </Badge>
  );
}
