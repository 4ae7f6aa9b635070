import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Center, Group, Switch } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { useZone } from "@/data/me";
import { Empty } from "@/kit/Empty";
import { ExportMenu } from "@/kit/ExportMenu";
import { Failure } from "@/kit/Failure";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { ColumnChoice } from "./log/ColumnChoice";
import { USUAL_COLUMNS } from "./log/columnIds";
import { FindRequest } from "./log/FindRequest";
import { LogTable } from "./log/LogTable";
import classes from "./log/LogTable.module.css";
import { sorted } from "./log/order";
import { useLog } from "./log/useLog";
import { StatusFilter } from "./RequestFilters";
import { filterOf, isFiltered, UNFILTERED, type View } from "./view";

interface Props {
  view: View;
  change: (changed: Partial<View>) => void;
  keyName: (id: string) => string;
}

/** Each request, newest first, by the view's filters; and all of them as a file. */
export function RequestLog({ view, change, keyName }: Props) {
  const [isLive, setLive] = useState(false);
  const filter = filterOf(view, useZone());
  const { query, requests } = useLog(filter, isLive && view.to === null);
  const columns = view.columns ?? USUAL_COLUMNS;
  return (
    <Panel
      title={t`Requests`}
      flush
      actions={
        <Group gap="xs">
          <Switch
            size="xs"
            label={t`Live`}
            checked={isLive && view.to === null}
            disabled={view.to !== null} // what is over stays as it is
            onChange={(event) => setLive(event.currentTarget.checked)}
          />
          <FindRequest />
          <StatusFilter view={view} change={change} />
          <ColumnChoice columns={columns} onChange={(chosen) => change({ columns: chosen })} />
          <ExportMenu
            name="usage"
            label={t`The requests below, all pages`}
            size="xs"
            read={(format) => {
              const query = { ...filter, format };
              return unwrap(api().GET("/api/usage/export", { params: { query }, parseAs: "blob" }));
            }}
          />
        </Group>
      }
    >
      <Loaded query={{ ...query, data: requests }} loading={<Loading as="rows" />}>
        {(loaded) =>
          loaded.length === 0 ? (
            isFiltered(view) ? (
              <NothingFits change={change} />
            ) : (
              <NothingYet />
            )
          ) : (
            <>
              {view.sort !== null && query.hasNextPage && (
                <div className={classes.note} role="status">
                  <Trans>
                    Sorted among the {ph({ loaded: formatCount(loaded.length) })} newest. Show more below to
                    sort among more.
                  </Trans>
                </div>
              )}
              <LogTable
                label={view.sort === null ? t`Requests, newest first` : t`Requests, sorted`}
                requests={sorted(loaded, view.sort, keyName)}
                columns={columns}
                order={view.sort}
                onOrder={(sort) => change({ sort })}
                keyName={keyName}
              />
            </>
          )
        }
      </Loaded>
      {requests !== undefined && query.error != null && (
        <Failure error={query.error} onRetry={() => void query.fetchNextPage()} />
      )}
      {query.hasNextPage && (
        <Center p="md">
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t`Show more`}
          </Button>
        </Center>
      )}
    </Panel>
  );
}

function NothingFits({ change }: Pick<Props, "change">) {
  return (
    <Empty
      title={t`No request fits these filters`}
      action={
        <Anchor component="button" type="button" size="sm" onClick={() => change(UNFILTERED)}>
          {t`Clear the filters`}
        </Anchor>
      }
    />
  );
}

function NothingYet() {
  return (
    <Empty
      title={t`No requests in this time`}
      action={
        <Group gap="md" mt="xs">
          <Anchor component={Link} to="/start" size="sm">
            {t`Send the first one`}
          </Anchor>
          <Anchor component={Link} to="/chat" size="sm">
            {t`Try it in the chat`}
          </Anchor>
        </Group>
      }
    >
      {t`Each request that bears one of your keys is listed here within seconds, with its receipt.`}
    </Empty>
  );
}
