import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
      title={t`Request`}
      lead={
        <Group gap={4} wrap="nowrap">
          <Text span inherit ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
            {id}
          </Text>
          <CopyButton value={id} what={t`request id`} />
        </Group>
      }
      actions={
        <Anchor component={Link} to="/usage" size="sm">
          {t`All requests`}
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
          label={t`Charged`}
          value={<Money usd={receipt.charged_usd} exact />}
          note={
            <Trans>
              held beforehand: <Money usd={receipt.held_usd} />
            </Trans>
          }
        />
        <Tile
          label={t`Tokens`}
          value={tokens === null ? "–" : formatCount((tokens.prompt ?? 0) + (tokens.completion ?? 0))}
          note={
            tokens !== null &&
            t`${{ prompt: formatCount(tokens.prompt ?? 0) }} in, ${{ completion: formatCount(tokens.completion ?? 0) }} out`
          }
        />
        <Tile
          label={t`Took`}
          value={duration(receipt.latency_ms)}
          note={
            receipt.first_token_ms !== null &&
            t`first token after ${{ firstTokenMs: duration(receipt.first_token_ms) }}`
          }
        />
        <Tile
          label={t`Ended`}
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
          <Panel title={t`Where the time went`}>
            <RequestTimeline receipt={receipt} />
          </Panel>
          {receipt.attempts.length > 0 && (
            <Panel title={t`Who was asked`}>
              <ReceiptAttempts receipt={receipt} />
            </Panel>
          )}
          <Panel title={t`The request`}>
            <Facts facts={factsOf(receipt, keyName)} />
          </Panel>
        </Stack>
        <Panel
          title={t`Receipt`}
          lead={t`At version ${{ priceVersion: receipt.price_version ?? "–" }} of the price.`}
          actions={<CopyButton value={JSON.stringify(receipt, null, 2)} what={t`receipt as JSON`} />}
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
      t`Model`,
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
    [t`Answered as`, receipt.answered_model ?? receipt.model],
    [
      t`Key`,
      <Anchor key="key" inherit component={Link} to={`/keys/${encodeURIComponent(receipt.key_id)}`}>
        {keyName(receipt.key_id)}
      </Anchor>,
    ],
    [t`Answered by`, receipt.upstream ?? t`Nobody`],
    [t`Tokens counted by`, SOURCES[receipt.usage_source ?? ""] ?? "–"],
    ...Object.entries(receipt.tokens ?? {})
      .filter(([, count]) => count > 0)
      .map(([name, count]): [string, string] => [TOKENS[name] ?? name, formatCount(count)]),
    ...receipt.same_request_id.map((other): [string, React.ReactNode] => [
      t`An earlier one of this id`,
      <Anchor key={other} inherit component={Link} to={`/usage/requests/${encodeURIComponent(other)}`}>
        {other}
      </Anchor>,
    ]),
  ];
}

const SOURCES: Record<string, string> = {
  provider: t`the provider`,
  counted: t`Farebox, from what was relayed`,
  estimated: t`Farebox, as an estimate`,
  reported: t`another gateway`,
};
const TOKENS: Record<string, string> = {
  prompt: t`Prompt tokens`,
  cached: t`of them cached`,
  completion: t`Completion tokens`,
  reasoning: t`of them reasoning`,
};

function duration(ms: number | null): string {
  return ms === null ? "–" : formatDuration(ms);
}
