import { t } from "@lingui/core/macro";
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { UsageRecord } from "@/data/usage";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import type { Column } from "@/kit/PagedTable";
import { When } from "@/kit/When";
import { requestPath } from "./requestPath";
import { StatusBadge } from "./StatusBadge";

/** What is told of a request in a list. The receipt is on the request's own page. */
export function columns(
  keyName: (id: string) => string,
  pathOf: (request: UsageRecord) => string = requestPath,
): Column<UsageRecord>[] {
  return [
    { title: t`When`, show: (request) => <When at={request.created_at} /> },
    {
      title: t`Model`,
      place: "name",
      show: ({ model }) => model,
    },
    { title: t`Key`, show: (request) => keyName(request.key_id) },
    { title: t`Status`, show: (request) => <StatusBadge status={request.status} /> },
    { title: t`Tokens in / out`, align: "right", show: ({ tokens }) => tokens && showTokens(tokens) },
    { title: t`Latency`, align: "right", place: "wide", show: showLatency },
    {
      title: t`Cost`,
      align: "right",
      place: "figure",
      show: (request) => <Money usd={request.charged_usd} />,
    },
    {
      title: t`Receipt`,
      align: "right",
      place: "action",
      show: (request) => <ReceiptLink request={request} path={pathOf(request)} />,
    },
  ];
}

/** What was read and what was written. */
export function showTokens({ prompt, completion }: NonNullable<UsageRecord["tokens"]>): string {
  return `${formatCount(prompt)} / ${formatCount(completion)}`;
}

function showLatency({ latency_ms }: UsageRecord) {
  return latency_ms === null ? null : (
    <span style={{ whiteSpace: "nowrap" }}>{formatDuration(latency_ms)}</span>
  );
}

function ReceiptLink({ request, path }: { request: UsageRecord; path: string }) {
  return (
    <Anchor
      component={Link}
      to={path}
      size="sm"
      aria-label={t`Receipt of request ${{ requestId: request.request_id }}`}
    >
      {t`Receipt`}
    </Anchor>
  );
}
