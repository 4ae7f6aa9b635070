import { t } from "@lingui/core/macro";
import { NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Model } from "@/data/models";
import { useWallet } from "@/data/wallet";
import { compareUsd, formatUsd, fromNanos, toNanos } from "@/kit/money";
import { GROUP } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { type Batch, batchUsd } from "./cost";
import { isEmbedding } from "./facts";

const MOST = 1_000_000_000;

/** What many requests would cost, before they are sent, and whether the balance covers them. */
export function EstimatePanel({ model }: { model: Model }) {
  const [batch, setBatch] = useState<Batch>({ requests: 1_000, read: 1_000, written: 300 });
  const isWriting = !isEmbedding(model);
  const cost = batchUsd(model, isWriting ? batch : { ...batch, written: 0 });
  const field = (name: keyof Batch, label: string) => (
    <NumberInput
      label={label}
      value={batch[name]}
      onChange={(value) => setBatch({ ...batch, [name]: Number(value) || 0 })}
      min={0}
      max={MOST}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator={GROUP}
      hideControls
    />
  );
  return (
    <Panel title={t`Before a large batch`} lead={t`What so many requests like this would cost.`}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" style={{ alignItems: "end" }}>
          {field("requests", t`Requests`)}
          {field("read", t`Tokens read by each`)}
          {isWriting && field("written", t`Tokens written by each`)}
        </SimpleGrid>
        <div role="status">
          <Text fw={650} fz="xl" className="figures">
            {formatUsd(cost)}
          </Text>
          <Covered cost={cost} />
        </div>
        <Text size="xs" c="dimmed">
          {t`At the prices above. What is read from a cache costs less; very long prompts, and thinking that you do not see, cost more.`}
        </Text>
      </Stack>
    </Panel>
  );
}

/** Whether the balance, and the budget of the month, are enough. */
function Covered({ cost }: { cost: string }) {
  const wallet = useWallet().data;
  if (wallet === undefined) return null;
  const { available_usd, budget } = wallet;
  if (compareUsd(cost, available_usd) > 0) {
    return (
      <Text size="sm">
        {t`That is ${{ missing: formatUsd(lessUsd(cost, available_usd)) }} more than you have.`}
      </Text>
    );
  }
  if (budget.remaining_usd !== null && compareUsd(cost, budget.remaining_usd) > 0) {
    return (
      <Text size="sm">
        {t`That is ${{ missing: formatUsd(lessUsd(cost, budget.remaining_usd)) }} more than your budget leaves this month.`}
      </Text>
    );
  }
  return <Text size="sm" c="dimmed">{t`Your balance covers it.`}</Text>;
}

function lessUsd(amount: string, by: string): string {
  return fromNanos(toNanos(amount) - toNanos(by));
}
