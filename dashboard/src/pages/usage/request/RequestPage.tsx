import { Anchor, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { type Receipt, useReceipt } from "@/data/receipt";
import { CopyButton } from "@/kit/CopyButton";
import { Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { When } from "@/kit/When";
import { pathOf } from "@/pages/models/view";
import { Charge } from "../Charge";
import { ReceiptAttempts } from "../ReceiptAttempts";
import { StatusBadge } from "../StatusBadge";
import { RequestTimeline } from "./RequestTimeline";

interface Props {
  id: string;
  keyName: (id: string) => string;
}

/** One request: where its time went, whom it was put to, and what it was charged and why. */
export function RequestPage({ id, keyName }: Props) {
  const receipt = useReceipt(id);
  return (
    <Page
      title="Request"
      lead={
        <Group gap={4} wrap="nowrap">
          <Text span inherit ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
            {id}
          </Text>
          <CopyButton value={id} what="request id" />
        </Group>
      }
      actions={
        <Anchor component={Link} to="/usage" size="sm">
          All requests
        </Anchor>
      }
    >
      <Loaded query={receipt} loading={<Loading as="rows" />}>
        {(data) => <Content receipt={data} keyName={keyName} />}
      </Loaded>
    </Page>
  );
}

function Content({ receipt, keyName }: { receipt: Receipt; keyName: (id: string) => string }) {
  const { tokens } = receipt;
  return (
    <>
      <Tiles>
        <Tile
          label="Charged"
          value={<Money usd={receipt.charged_usd} exact />}
          note={
            <>
              held beforehand: <Money usd={receipt.held_usd} />
            </>
          }
        />
        <Tile
          label="Tokens"
          value={tokens === null ? "–" : formatCount((tokens.prompt ?? 0) + (tokens.completion ?? 0))}
          note={
            tokens !== null &&
            `${formatCount(tokens.prompt ?? 0)} in, ${formatCount(tokens.completion ?? 0)} out`
          }
        />
        <Tile
          label="Took"
          value={duration(receipt.latency_ms)}
          note={receipt.first_token_ms !== null && `first token after ${duration(receipt.first_token_ms)}`}
        />
        <Tile
          label="Ended"
          value={<StatusBadge status={receipt.status} />}
          note={<When at={receipt.created_at} />}
        />
      </Tiles>
      {receipt.error !== null && (
        <Text size="sm" c="var(--mantine-color-error)" style={{ overflowWrap: "anywhere" }}>
          {receipt.error}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack gap="lg">
          <Panel title="Where the time went">
            <RequestTimeline receipt={receipt} />
          </Panel>
          {receipt.attempts.length > 0 && (
            <Panel title="Who was asked">
              <ReceiptAttempts receipt={receipt} />
            </Panel>
          )}
          <Panel title="The request">
            <Facts facts={factsOf(receipt, keyName)} />
          </Panel>
        </Stack>
        <Panel
          title="Receipt"
          lead={`At version ${receipt.price_version ?? "–"} of the price.`}
          actions={<CopyButton value={JSON.stringify(receipt, null, 2)} what="receipt as JSON" />}
        >
          <Charge receipt={receipt} />
        </Panel>
      </SimpleGrid>
    </>
  );
}

function factsOf(receipt: Receipt, keyName: (id: string) => string): Parameters<typeof Facts>[0]["facts"] {
  return [
    [
      "Model",
      <Anchor
        key="model"
        inherit
        component={Link}
        to={pathOf(receipt.model)}
        style={{ overflowWrap: "anywhere" }}
      >
        {receipt.model}
      </Anchor>,
    ],
    ["Answered as", receipt.answered_model ?? receipt.model],
    [
      "Key",
      <Anchor key="key" inherit component={Link} to={`/keys/${encodeURIComponent(receipt.key_id)}`}>
        {keyName(receipt.key_id)}
      </Anchor>,
    ],
    ["Answered by", receipt.upstream ?? "Nobody"],
    ["Tokens counted by", SOURCES[receipt.usage_source ?? ""] ?? "–"],
    ...Object.entries(receipt.tokens ?? {})
      .filter(([, count]) => count > 0)
      .map(([name, count]): [string, string] => [TOKENS[name] ?? name, formatCount(count)]),
    ...receipt.same_request_id.map((other): [string, React.ReactNode] => [
      "An earlier one of this id",
      <Anchor key={other} inherit component={Link} to={`/usage/requests/${encodeURIComponent(other)}`}>
        {other}
      </Anchor>,
    ]),
  ];
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
