import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Center, Group, Menu, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { ChevronDownIcon, DownloadIcon, HistoryIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { useZone } from "@/data/me";
import { useMay, useOrganisation } from "@/data/organisations";
import { pagesOf } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { Failure } from "@/kit/Failure";
import { Loading } from "@/kit/Loading";
import { notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { saveFile } from "@/kit/saveFile";
import { endOfDay, startOfDay } from "@/kit/zoned";
import classes from "@/pages/admin/audit/Trail.module.css";
import { AuditEntry } from "./AuditEntry";

const FORMATS = [
  { format: "csv", label: t`CSV, for spreadsheets` },
  { format: "json", label: t`JSON` },
  { format: "jsonl", label: t`JSON lines` },
] as const;

interface Span {
  from?: string;
  to?: string;
}

/** Who did what in the organisation, from where, newest first. */
export function AuditTrail() {
  const here = useOrganisation();
  const may = useMay();
  const zone = useZone();
  const [first, setFirst] = useState("");
  const [last, setLast] = useState("");
  const span: Span = {
    ...(first !== "" && { from: startOfDay(first, zone) }),
    ...(last !== "" && { to: endOfDay(last, zone) }),
  };
  const path = { org: here?.id ?? "" };
  const trail = useInfiniteQuery({
    queryKey: ["organisation", "audit", span],
    enabled: here !== undefined,
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/orgs/{org}/audit", { params: { path, query: { ...span, cursor } } })),
    ),
  });
  const entries = trail.data?.pages.flatMap((page) => page.data);
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
      actions={<Export org={path.org} span={span} />}
    >
      <Group px="lg" pb="md" gap="sm">
        <TextInput
          label={t`From`}
          type="date"
          w={160}
          max={last || undefined}
          value={first}
          onChange={(event) => setFirst(event.currentTarget.value)}
        />
        <TextInput
          label={t`To`}
          type="date"
          w={160}
          min={first || undefined}
          value={last}
          onChange={(event) => setLast(event.currentTarget.value)}
        />
      </Group>
      {entries === undefined ? (
        <div className={classes.place}>
          {trail.error ? (
            <Failure error={trail.error} onRetry={() => void trail.refetch()} />
          ) : (
            <Loading as="rows" />
          )}
        </div>
      ) : entries.length === 0 ? (
        <Empty icon={HistoryIcon} title={t`Nothing was done`}>
          {t`Members, invitations, keys, projects and what is begun about money appear here.`}
        </Empty>
      ) : (
        <ul className={classes.list} aria-label={t`Audit trail`}>
          {entries.map((entry) => (
            <AuditEntry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
      {entries !== undefined && trail.error !== null && (
        <div className={classes.place}>
          <Failure error={trail.error} onRetry={() => void trail.fetchNextPage()} />
        </div>
      )}
      {trail.hasNextPage && (
        <Center p="md">
          <Button
            variant="default"
            loading={trail.isFetchingNextPage}
            onClick={() => void trail.fetchNextPage()}
          >
            {t`Show more`}
          </Button>
        </Center>
      )}
    </Panel>
  );
}

function Export({ org, span }: { org: string; span: Span }) {
  const download = useMutation({
    mutationFn: async (format: (typeof FORMATS)[number]["format"]) => {
      const params = { path: { org }, query: { ...span, format } };
      const file = await unwrap(api().GET("/api/orgs/{org}/audit/export", { params, parseAs: "blob" }));
      saveFile(file as Blob, `farebox-audit-${new Date().toISOString().slice(0, 10)}.${format}`);
    },
    onError: (error) => notifyProblem(error, t`The export was not made`),
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          loading={download.isPending}
          leftSection={<DownloadIcon size={15} aria-hidden />}
          rightSection={<ChevronDownIcon size={14} aria-hidden />}
        >
          {t`Export`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs">{t`The entries below, all pages`}</Text>
        </Menu.Label>
        {FORMATS.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => download.mutate(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
