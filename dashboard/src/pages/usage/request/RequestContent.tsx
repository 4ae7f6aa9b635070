import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { sayCode } from "@/api/refusals";
import type { Receipt } from "@/data/receipt";
import { CopyButton } from "@/kit/CopyButton";
import { Facts } from "@/kit/Facts";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { When } from "@/kit/When";
import { pathOf } from "@/pages/models/view";
import { Charge } from "../Charge";
import { ReceiptAttempts } from "../ReceiptAttempts";
import { requestPath } from "../requestPath";
import { StatusBadge } from "../StatusBadge";
import { RequestTimeline } from "./RequestTimeline";
import { tokensOf } from "./tokens";

interface Props {
  receipt: Receipt;
  keyName: (id: string) => string;
  /** Where a key, and another request, has its page. `null` is nowhere. */
  pathOfKey?: (id: string) => string | null;
  pathOfRequest?: (id: string) => string;
}

/** What is told of one request: where its time went, whom it was put to, and what it was charged and why. */
export function RequestContent({
  receipt,
  keyName,
  pathOfKey = (id) => `/keys/${encodeURIComponent(id)}`,
  pathOfRequest = (id) => requestPath({ request_id: id }),
}: Props) {
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
          {sayCode(receipt.error)}
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
            <Facts facts={factsOf(receipt, keyName, pathOfKey, pathOfRequest)} />
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

function factsOf(
  receipt: Receipt,
  keyName: Props["keyName"],
  pathOfKey: NonNullable<Props["pathOfKey"]>,
  pathOfRequest: NonNullable<Props["pathOfRequest"]>,
): Parameters<typeof Facts>[0]["facts"] {
  const key = pathOfKey(receipt.key_id);
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
      key === null ? (
        keyName(receipt.key_id)
      ) : (
        <Anchor key="key" inherit component={Link} to={key}>
          {keyName(receipt.key_id)}
        </Anchor>
      ),
    ],
    [t`Answered by`, receipt.upstream ?? t`Nobody`],
    [t`Tokens counted by`, SOURCES[receipt.usage_source ?? ""] ?? "–"],
    ...tokensOf(receipt),
    ...receipt.same_request_id.map((other): [string, React.ReactNode] => [
      t`An earlier one of this id`,
      <Anchor key={other} inherit component={Link} to={pathOfRequest(other)}>
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

function duration(ms: number | null): string {
  return ms === null ? "–" : formatDuration(ms);
}
