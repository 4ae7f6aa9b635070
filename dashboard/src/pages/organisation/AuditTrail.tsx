import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { HistoryIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { useZone } from "@/data/me";
import { useMay, useOrganisation } from "@/data/organisations";
import { pagesOf } from "@/data/pages";
import { DayRange, type Days } from "@/kit/DayRange";
import { Empty } from "@/kit/Empty";
import { ExportMenu } from "@/kit/ExportMenu";
import { Filters } from "@/kit/Filters";
import { Panel } from "@/kit/Panel";
import { TrailList } from "@/kit/trail/TrailList";
import { endOfDay, startOfDay } from "@/kit/zoned";
import { AuditEntry } from "./AuditEntry";

interface Span {
  from?: string;
  to?: string;
}

/** Who did what in the organisation, from where, newest first. */
export function AuditTrail() {
  const here = useOrganisation();
  const may = useMay();
  const zone = useZone();
  const [days, setDays] = useState<Days>([null, null]);
  const [first, last] = days;
  const span: Span = {
    ...(first !== null && { from: startOfDay(first, zone) }),
    ...(last !== null && { to: endOfDay(last, zone) }),
  };
  const path = { org: here?.id ?? "" };
  const trail = useInfiniteQuery({
    queryKey: ["organisation", "audit", span],
    enabled: here !== undefined,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/audit", { params: { path, query: { ...span, cursor } } })),
    ),
  });
  return (
    <Panel
      title={t`Audit trail`}
      lead={
        <>
          {t`Each entry was written together with its change.`}{" "}
          {may("alerts.change") && (
            <Trans>
              <Anchor component={Link} to="/billing/automatic" inherit underline="always">
                A webhook
              </Anchor>{" "}
              is told of each as well.
            </Trans>
          )}
        </>
      }
      flush
      actions={
        <ExportMenu
          name="audit"
          label={t`The entries below, all pages`}
          size="xs"
          read={(format) => {
            const params = { path, query: { ...span, format } };
            return unwrap(api().GET("/api/orgs/{org}/audit/export", { params, parseAs: "blob" }));
          }}
        />
      }
    >
      <Filters px="lg" pb="md">
        <DayRange w={270} value={days} onChange={setDays} />
      </Filters>
      <TrailList
        label={t`Audit trail`}
        query={trail}
        show={(entry) => <AuditEntry entry={entry} />}
        empty={
          <Empty icon={HistoryIcon} title={t`Nothing was done`}>
            {t`Members, invitations, keys, projects and what is begun about money appear here.`}
          </Empty>
        }
      />
    </Panel>
  );
}
