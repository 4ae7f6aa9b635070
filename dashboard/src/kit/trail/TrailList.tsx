import { t } from "@lingui/core/macro";
import { Button, Center } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure } from "@/kit/Failure";
import { Loading } from "@/kit/Loading";
import classes from "./Trail.module.css";

interface Props<Entry> {
  label: string;
  query: UseInfiniteQueryResult<InfiniteData<{ data: Entry[] }>, Error>;
  show: (entry: Entry) => ReactNode;
  /** What is said of a trail without an entry. */
  empty: ReactNode;
}

/** The entries of a trail, newest first, a page at a time. */
export function TrailList<Entry>({ label, query, show, empty }: Props<Entry>) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  if (data === undefined) {
    return (
      <div className={classes.place}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading as="rows" />}
      </div>
    );
  }
  const entries = data.pages.flatMap((page) => page.data);
  if (entries.length === 0) return empty;
  return (
    <>
      <ul className={classes.list} aria-label={label}>
        {entries.map(show)}
      </ul>
      {error !== null && (
        <div className={classes.place}>
          <Failure error={error} onRetry={() => void fetchNextPage()} />
        </div>
      )}
      {hasNextPage && (
        <Center p="md">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t`Show more`}
          </Button>
        </Center>
      )}
    </>
  );
}
