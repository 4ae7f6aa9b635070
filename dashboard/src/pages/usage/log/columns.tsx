import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";
import type { UsageRecord } from "@/data/usage";
import { Money } from "@/kit/Money";
import { forChart } from "@/kit/money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { When } from "@/kit/When";
import { StatusBadge } from "../StatusBadge";
import type { ColumnId } from "./columnIds";

export interface LogColumn {
  title: string;
  align?: "right";
  /** A name may be long, and breaks wherever its column ends. */
  isName?: boolean;
  show: (request: UsageRecord, keyName: (id: string) => string) => ReactNode;
  /** What it is sorted by; `null`: not known. */
  by: (request: UsageRecord, keyName: (id: string) => string) => number | string | null;
}

const NOTHING = "–";

const count = (read: (tokens: NonNullable<UsageRecord["tokens"]>) => number): Omit<LogColumn, "title"> => ({
  align: "right",
  show: ({ tokens }) => (tokens === null ? NOTHING : formatCount(read(tokens))),
  by: ({ tokens }) => (tokens === null ? null : read(tokens)),
});

const duration = (read: (request: UsageRecord) => number | null): Omit<LogColumn, "title"> => ({
  align: "right",
  show: (request) => {
    const ms = read(request);
    return ms === null ? NOTHING : formatDuration(ms);
  },
  by: read,
});

/** What is told of a request in the log, by column. */
export const COLUMNS: Record<ColumnId, LogColumn> = {
  when: {
    title: t`When`,
    show: (request) => <When at={request.created_at} />,
    by: ({ created_at }) => created_at,
  },
  request: {
    title: t`Request`,
    isName: true,
    show: ({ request_id }) => request_id,
    by: ({ request_id }) => request_id,
  },
  model: { title: t`Model`, isName: true, show: ({ model }) => model, by: ({ model }) => model },
  key: {
    title: t`Key`,
    isName: true,
    show: ({ key_id }, keyName) => keyName(key_id),
    by: ({ key_id }, keyName) => keyName(key_id),
  },
  status: {
    title: t`Status`,
    show: ({ status }) => <StatusBadge status={status} />,
    by: ({ status }) => status,
  },
  in: { title: t`Tokens in`, ...count(({ prompt }) => prompt) },
  cached: { title: t`Cached`, ...count(({ cached }) => cached) },
  out: { title: t`Tokens out`, ...count(({ completion }) => completion) },
  reasoning: { title: t`Reasoning`, ...count(({ reasoning }) => reasoning) },
  first: { title: t`First token`, ...duration(({ first_token_ms }) => first_token_ms) },
  latency: { title: t`Latency`, ...duration(({ latency_ms }) => latency_ms) },
  upstream: {
    title: t`Answered by`,
    isName: true,
    show: ({ upstream }) => upstream ?? NOTHING,
    by: ({ upstream }) => upstream,
  },
  version: {
    title: t`Price version`,
    show: ({ price_version }) => price_version ?? NOTHING,
    by: ({ price_version }) => price_version,
  },
  cost: {
    title: t`Cost`,
    align: "right",
    show: ({ charged_usd }) => <Money usd={charged_usd} />,
    by: ({ charged_usd }) => forChart(charged_usd), // for an order, a length is enough
  },
};
