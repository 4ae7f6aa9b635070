import "@mantine/dates/styles.css";
import { Badge, Button, Group, Select, Text } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { CalendarIcon, LayoutListIcon } from "lucide-react";
import { useState } from "react";
import { useZone } from "@/data/me";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { endOfDay, startOfDay } from "@/kit/zoned";
import { type Entry, type EntryType, useLedger } from "./useLedger";

const TYPES: Record<EntryType, { label: string; color: string }> = {
  topup: { label: "Top-up", color: "fare" },
  usage: { label: "Usage", color: "gray" },
  bonus: { label: "Bonus", color: "brass" },
  refund: { label: "Refund", color: "orange" },
  adjustment: { label: "Adjustment", color: "gray" },
  grant: { label: "Grant", color: "fare" },
  expiry: { label: "Expiry", color: "gray" },
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
      title="Ledger"
      lead="Usage is settled every few seconds, so an entry may cover several requests."
      flush
    >
      <Group px="lg" pb="md" gap="sm" align="flex-end">
        <Select
          label="Type"
          placeholder="All"
          clearable
          clearButtonProps={{ "aria-label": "All types" }}
          w={160}
          data={Object.entries(TYPES).map(([value, { label }]) => ({ value, label }))}
          value={type}
          onChange={(value) => setType(value as EntryType | null)}
        />
        <DatePickerInput
          key={String(first === null)}
          type="range"
          label="Days"
          placeholder="From day to day"
          leftSection={<CalendarIcon size={16} aria-hidden />}
          valueFormat="D MMM YYYY"
          allowSingleDateInRange
          w={270}
          defaultValue={[first, last]}
          onChange={([from, to]) => {
            if ((from === null) !== (to === null)) return; // half a range is still being chosen
            setFirst(from);
            setLast(to);
          }}
          clearable
          clearButtonProps={{ "aria-label": "Any day" }}
        />
        {isFiltered && (
          <Button variant="subtle" onClick={clear}>
            Show all
          </Button>
        )}
      </Group>
      <PagedTable
        label="Ledger"
        query={ledger}
        rowKey={({ id }) => id}
        columns={[
          { title: "When", show: ({ created_at }) => <When at={created_at} /> },
          { title: "Type", show: ({ type: kind }) => <Type type={kind} /> },
          { title: "What", show: (entry) => <What entry={entry} /> },
          {
            title: "Amount",
            align: "right",
            show: ({ amount_usd }) => <Money usd={amount_usd} exact signed />,
          },
          {
            title: "Balance after",
            align: "right",
            show: ({ balance_after_usd }) => <Money usd={balance_after_usd} exact />,
          },
        ]}
        empty={
          isFiltered ? (
            <Empty
              icon={LayoutListIcon}
              title="No entries"
              action={
                <Button variant="default" mt="sm" onClick={clear}>
                  Show all
                </Button>
              }
            >
              Nothing of this type happened in this time.
            </Empty>
          ) : (
            <Empty icon={LayoutListIcon} title="Nothing has moved yet">
              Top-ups, bonuses and what requests cost appear here.
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

function What({ entry }: { entry: Entry }) {
  return (
    <Text inherit component="span" style={{ overflowWrap: "anywhere" }}>
      {entry.description}
    </Text>
  );
}
