import { t } from "@lingui/core/macro";
import { Group, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChartColumnIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { columns } from "@/pages/usage/requestColumns";
import { statusLabel } from "@/pages/usage/StatusBadge";
import type { Status } from "@/pages/usage/view";
import { ADMIN } from "../parts/useChange";
import { userRequestPath } from "./paths";
import { FEW, useUserKeys } from "./users";

const STATES: Status[] = ["ok", "error", "aborted", "pending", "lost"];

/** What a user asked for, request by request, each with its receipt. */
export function UserRequests({ id }: { id: string }) {
  const [status, setStatus] = useState<Status | null>(null);
  const filter = { status: status ?? undefined };
  const requests = useInfiniteQuery({
    queryKey: [ADMIN, "user-requests", id, filter],
    ...pagesOf((cursor) => {
      const params = { path: { id }, query: { ...filter, cursor, limit: 25 } };
      return unwrap(api().GET("/api/admin/users/{id}/requests", { params }));
    }),
    placeholderData: (former) => former,
  });
  const read = (format: Format) => {
    const params = { path: { id }, query: { ...filter, format } };
    return unwrap(api().GET("/api/admin/users/{id}/requests/export", { params, parseAs: "blob" }));
  };
  const keys = useUserKeys(id);
  const keyName = (key: string) =>
    keys.data?.pages.flatMap(({ data }) => data).find((each) => each.id === key)?.name ?? key;
  return (
    <Panel
      title={t`Requests`}
      flush
      actions={
        <Group gap="xs">
          <Select
            aria-label={t`Status`}
            placeholder={t`Any status`}
            size="xs"
            w={150}
            clearable
            data={STATES.map((value) => ({ value, label: statusLabel(value) }))}
            value={status}
            onChange={(chosen) => setStatus(chosen)}
          />
          <ExportMenu name="requests" size="xs" read={read} />
        </Group>
      }
    >
      <PagedTable
        label={t`Requests of this user`}
        query={requests}
        atFirst={FEW}
        rowKey={(request) => request.request_id}
        columns={columns(keyName, ({ request_id }) => userRequestPath(id, request_id))}
        empty={
          <Empty title={t`No requests`} icon={ChartColumnIcon}>
            {status === null
              ? t`Each request with one of this user's keys is listed here.`
              : t`None of this status. Choose another to see more.`}
          </Empty>
        }
      />
    </Panel>
  );
}
