import { Anchor, Group } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useZone } from "@/data/me";
import { type UsageRecord, type UsageStats, useRequests } from "@/data/usage";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { type Column, PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { ExportMenu } from "./ExportMenu";
import { RequestFilters } from "./RequestFilters";
import { StatusBadge } from "./StatusBadge";
import { changeView, filterOf, isFiltered, type View } from "./view";

interface Props {
  view: View;
  change: (changed: Partial<View>) => void;
  stats: UsageStats | undefined;
  keyName: (id: string) => string;
}

/** Each request, newest first, by the view's filters; and all of them as a file. */
export function RequestLog({ view, change, stats, keyName }: Props) {
  const filter = filterOf(view, useZone());
  const requests = useRequests(filter);
  return (
    <Panel title="Requests" flush actions={<ExportMenu filter={filter} />}>
      <RequestFilters view={view} change={change} stats={stats} keyName={keyName} />
      <PagedTable
        label="Requests, newest first"
        query={requests}
        rowKey={(request) => `${request.request_id} ${request.created_at}`}
        columns={columns(keyName)}
        empty={isFiltered(view) ? <NothingFits change={change} /> : <NothingYet />}
      />
    </Panel>
  );
}

/** What is told of a request in a list. The receipt opens on the usage page. */
export function columns(keyName: (id: string) => string): Column<UsageRecord>[] {
  return [
    { title: "When", show: (request) => <When at={request.created_at} /> },
    { title: "Model", show: ({ model }) => <span style={{ overflowWrap: "anywhere" }}>{model}</span> },
    { title: "Key", show: (request) => keyName(request.key_id) },
    { title: "Status", show: (request) => <StatusBadge status={request.status} /> },
    { title: "Tokens in / out", align: "right", show: showTokens },
    { title: "Latency", align: "right", show: showLatency },
    { title: "Cost", align: "right", show: (request) => <Money usd={request.charged_usd} /> },
    { title: "Receipt", align: "right", show: (request) => <ReceiptLink request={request} /> },
  ];
}

function showTokens({ tokens }: UsageRecord) {
  return tokens === null ? "–" : `${formatCount(tokens.prompt)} / ${formatCount(tokens.completion)}`;
}

function showLatency({ latency_ms }: UsageRecord) {
  return latency_ms === null ? (
    "–"
  ) : (
    <span style={{ whiteSpace: "nowrap" }}>{formatDuration(latency_ms)}</span>
  );
}

function ReceiptLink({ request }: { request: UsageRecord }) {
  const [search] = useSearchParams();
  const query = changeView(search, { receipt: request.request_id });
  return (
    <Anchor
      component={Link}
      to={{ pathname: "/usage", search: query.toString() }}
      preventScrollReset
      size="sm"
      aria-label={`Receipt of request ${request.request_id}`}
    >
      Receipt
    </Anchor>
  );
}

function NothingFits({ change }: Pick<Props, "change">) {
  return (
    <Empty
      title="No request fits these filters"
      action={
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => change({ model: null, key: null, status: null, from: null, to: null })}
        >
          Clear the filters
        </Anchor>
      }
    />
  );
}

function NothingYet() {
  return (
    <Empty
      title="No requests in this time"
      action={
        <Group gap="md" mt="xs">
          <Anchor component={Link} to="/keys/new" size="sm">
            Create a key
          </Anchor>
          <Anchor component={Link} to="/chat" size="sm">
            Try it in the chat
          </Anchor>
        </Group>
      }
    >
      Each request that bears one of your keys is listed here within seconds, with its receipt.
    </Empty>
  );
}
