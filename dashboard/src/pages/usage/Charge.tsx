import { t } from "@lingui/core/macro";
import { Alert, Group, Table, Text } from "@mantine/core";
import { CircleCheckIcon, TriangleAlertIcon } from "lucide-react";
import type { Receipt } from "@/data/receipt";
import { compareUsd, formatUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import classes from "./Charge.module.css";
import { type Bill, recompute } from "./receipt";

const CLASSES: Record<string, string> = {
  input: t`Input tokens`,
  cached_input: t`Cached input tokens`,
  cache_write: t`Tokens written to the cache`,
  audio_input: t`Audio input tokens`,
  output: t`Output tokens`,
  reasoning: t`Reasoning tokens`,
  audio_output: t`Audio output tokens`,
  request: t`Request fee`,
};

/** How a charge comes about, line by line, computed here from counts and prices alone and held against the receipt. */
export function Charge({ receipt }: { receipt: Receipt }) {
  const { bill } = receipt;
  if (bill !== null) return <Lines bill={bill} receipt={receipt} />;
  return (
    <Text size="sm" c="dimmed">
      {receipt.status === "pending" ? t`It is known when the request has ended.` : t`Nothing was charged.`}
    </Text>
  );
}

function Lines({ bill, receipt }: { bill: Bill; receipt: Receipt }) {
  const own = recompute(bill);
  const isMultiplied = bill.multiplier !== "1";
  return (
    <>
      <Table className={classes.lines} aria-label={t`The lines of the charge`} withRowBorders>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t`What`}</Table.Th>
            <Table.Th scope="col" ta="end">
              {t`Amount`}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bill.lines.map((line, index) => (
            <Table.Tr key={line.class}>
              <Table.Td>
                {CLASSES[line.class] ?? line.class}
                <Text size="xs" c="dimmed">
                  {formatCount(line.count)} ×{" "}
                  <span className="amount">{formatUsd(line.unit_price_usd, { exact: true })}</span>
                  {line.per > 1 && ` ${t`per ${{ per: formatCount(line.per) }}`}`}
                </Text>
              </Table.Td>
              <Table.Td ta="end">{own.amounts[index]}</Table.Td>
            </Table.Tr>
          ))}
          {isMultiplied && (
            <>
              <Line name={t`Sum`} amount={own.sum} />
              <Line name={t`Times ${{ multiplier: bill.multiplier }}`} amount={own.exact} />
            </>
          )}
          <Line name={t`Rounded up to a nano-dollar`} amount={`+ ${own.rounding}`} />
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th scope="row">{t`Cost`}</Table.Th>
            <Table.Td ta="end" fw={650} className="amount">
              {own.total}
            </Table.Td>
          </Table.Tr>
          {compareUsd(receipt.shortfall_usd, "0") > 0 && (
            <Line
              name={t`Beyond what was held: the operator bears it`}
              amount={formatUsd(`-${receipt.shortfall_usd}`, { exact: true })}
            />
          )}
        </Table.Tfoot>
      </Table>
      <Verdict agrees={own.agrees && formatUsd(receipt.cost_usd, { exact: true }) === own.total} />
    </>
  );
}

function Line({ name, amount }: { name: string; amount: string }) {
  return (
    <Table.Tr>
      <Table.Td c="dimmed">{name}</Table.Td>
      <Table.Td ta="end" c="dimmed">
        {amount}
      </Table.Td>
    </Table.Tr>
  );
}

function Verdict({ agrees }: { agrees: boolean }) {
  if (!agrees) {
    return (
      <Alert color="red" mt="sm" icon={<TriangleAlertIcon />} title={t`This does not add up`}>
        {t`The amounts computed here differ from the receipt's. Send the receipt to whoever runs this service.`}
      </Alert>
    );
  }
  return (
    <Group gap={6} mt="sm" wrap="nowrap" c="var(--mantine-color-anchor)">
      <CircleCheckIcon size={18} aria-hidden />
      <Text size="sm">{t`Computed again in this browser, to the nano-dollar: it agrees.`}</Text>
    </Group>
  );
}
