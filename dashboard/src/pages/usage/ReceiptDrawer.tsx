import { Drawer, Group, Stack, Text } from "@mantine/core";
import { type Receipt, useReceipt } from "@/data/receipt";
import { CopyButton } from "@/kit/CopyButton";
import { Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { When } from "@/kit/When";
import { Charge } from "./Charge";
import { ReceiptAttempts } from "./ReceiptAttempts";
import { StatusBadge } from "./StatusBadge";

interface Props {
  /** The request; `null` closes the drawer. */
  id: string | null;
  onClose: () => void;
  keyName: (id: string) => string;
}

/** A request's receipt: what it was charged and why, computed again before one's eyes. */
export function ReceiptDrawer({ id, onClose, keyName }: Props) {
  const receipt = useReceipt(id);
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<Text fw={620}>Receipt</Text>}
      closeButtonProps={{ "aria-label": "Close the receipt" }}
    >
      {id !== null && (
        <Loaded query={receipt} loading={<Loading as="rows" />}>
          {(data) => <Content receipt={data} keyName={keyName} />}
        </Loaded>
      )}
    </Drawer>
  );
}

function Content({ receipt, keyName }: { receipt: Receipt; keyName: (id: string) => string }) {
  return (
    <Stack gap="xl">
      <div>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600} fz="lg" style={{ overflowWrap: "anywhere" }}>
            {receipt.model}
          </Text>
          <StatusBadge status={receipt.status} />
        </Group>
        <Text c="dimmed" size="sm">
          <When at={receipt.created_at} />
        </Text>
        <Text fz="2rem" fw={620} mt="xs" lh={1.2}>
          <Money usd={receipt.charged_usd} exact />
        </Text>
        {receipt.error !== null && (
          <Text size="sm" c="var(--mantine-color-error)">
            {receipt.error}
          </Text>
        )}
      </div>
      <Charge receipt={receipt} />
      <ReceiptAttempts receipt={receipt} />
      <Facts
        title="The request"
        facts={[
          ["Request", <Copied key="id" value={receipt.request_id} what="request id" />],
          ["Key", keyName(receipt.key_id)],
          ["Answered by", receipt.upstream ?? "Nobody"],
          ["Tokens counted by", SOURCES[receipt.usage_source ?? ""] ?? "–"],
          ["Price version", receipt.price_version ?? "–"],
          ["Held beforehand", <Money key="held" usd={receipt.held_usd} exact />],
          ["First token after", duration(receipt.first_token_ms)],
          ["Whole answer after", duration(receipt.latency_ms)],
          ...Object.entries(receipt.tokens ?? {})
            .filter(([, count]) => count > 0)
            .map(([name, count]): [string, string] => [TOKENS[name] ?? name, formatCount(count)]),
        ]}
      />
      <div>
        <CopyButton value={JSON.stringify(receipt, null, 2)} what="receipt as JSON" wide />
      </div>
    </Stack>
  );
}

const SOURCES: Record<string, string> = {
  provider: "the provider",
  counted: "Farebox, from what was relayed",
  estimated: "Farebox, as an estimate",
  reported: "another gateway",
};
const TOKENS: Record<string, string> = {
  prompt: "Prompt tokens",
  cached: "of them cached",
  completion: "Completion tokens",
  reasoning: "of them reasoning",
};

function duration(ms: number | null): string {
  return ms === null ? "–" : formatDuration(ms);
}

function Copied({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Text span size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        {value}
      </Text>
      <CopyButton value={value} what={what} />
    </Group>
  );
}
