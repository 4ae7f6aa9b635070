import { t } from "@lingui/core/macro";
import type { ComponentProps } from "react";
import type { UsageRecord } from "@/data/usage";
import { Empty } from "@/kit/Empty";
import { PagedTable } from "@/kit/PagedTable";
import { columns } from "@/pages/usage/requestColumns";

interface Props {
  query: ComponentProps<typeof PagedTable<UsageRecord>>["query"];
  keyName: (id: string) => string;
}

/** The newest requests; all of them are on the usage page. */
export default function RecentRequests({ query, keyName }: Props) {
  return (
    <PagedTable
      label={t`Recent requests, newest first`}
      query={{ ...query, hasNextPage: false }}
      rowKey={(request) => `${request.request_id} ${request.created_at}`}
      columns={columns(keyName)}
      empty={
        <Empty title={t`No requests yet`}>{t`Each is listed here within seconds, with what it cost.`}</Empty>
      }
    />
  );
}
