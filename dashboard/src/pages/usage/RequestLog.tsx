import { Anchor, Group } from "@mantine/core";
import { Link } from "react-router";
import { useZone } from "@/data/me";
import { useRequests } from "@/data/usage";
import { Empty } from "@/kit/Empty";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { ExportMenu } from "./ExportMenu";
import { StatusFilter } from "./RequestFilters";
import { columns } from "./requestColumns";
import { filterOf, isFiltered, type View } from "./view";

interface Props {
  view: View;
  change: (changed: Partial<View>) => void;
  keyName: (id: string) => string;
}

/** Each request, newest first, by the view's filters; and all of them as a file. */
export function RequestLog({ view, change, keyName }: Props) {
  const filter = filterOf(view, useZone());
  const requests = useRequests(filter);
  return (
    <Panel
      title="Requests"
      flush
      actions={
        <Group gap="xs" wrap="nowrap">
          <StatusFilter view={view} change={change} />
          <ExportMenu filter={filter} />
        </Group>
      }
    >
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
