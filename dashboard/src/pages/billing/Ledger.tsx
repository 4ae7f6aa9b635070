import { Badge, Button, Group, Select, Text, TextInput } from "@mantine/core";
import { LayoutListIcon } from "lucide-react";
import { useState } from "react";
import { useZone } from "@/data/me";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { dayAfter, startOfDay } from "./dayBounds";
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
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const ledger = useLedger({
    type,
    from: first === "" ? null : startOfDay(first, zone),
    to: last === "" ? null : startOfDay(dayAfter(last), zone),
  });
  const isFiltered = type !== null || first !== "" || last !== "";
  const clear = () => {
    setType(null);
    setFirst("");
    setLast("");
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
        <TextInput
          label="From"
          type="date"
          w={160}
          max={last || undefined}
          value={first}
          onChange={(event) => setFirst(event.currentTarget.value)}
        />
        <TextInput
          label="To"
          type="date"
          w={160}
          min={first || undefined}
          value={last}
          onChange={(event) => setLast(event.currentTarget.value)}
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
