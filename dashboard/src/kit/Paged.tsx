import { t } from "@lingui/core/macro";
import { Box, Button, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { ListAnswer } from "@/data/pages";
import { Failure } from "./Failure";
import { Loading } from "./Loading";

/** What `useInfiniteQuery` with `pagesOf` answers, as far as it matters here. */
export interface PagedQuery<Row> {
  data: { pages: Pick<ListAnswer<Row>, "data">[] } | undefined;
  error: unknown;
  hasNextPage: boolean;
  isFetching?: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface Props<Row> {
  query: PagedQuery<Row>;
  /** How many rows there are until more are asked for, of a list among others: all that are loaded, unless it is said. */
  atFirst?: number;
  /** What is shown where there is no row. */
  empty: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

const MOST_EMPTY = 10;

/** A list of the API that grows by a page at a click, however its rows are shown. */
export function Paged<Row>({ query, atFirst, empty, children }: Props<Row>) {
  const [isAsked, setAsked] = useState(false);
  const { data, error, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage, refetch } = query;
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  // A filter that few pass looks through so many for a page, and may find none of them there.
  const isSearching =
    rows.length === 0 && hasNextPage && error == null && (data?.pages.length ?? 0) < MOST_EMPTY;
  const goesOn = isSearching && isFetching !== true;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  if (data === undefined || isSearching) {
    return (
      <Box p="lg">
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading as="rows" />}
      </Box>
    );
  }
  if (rows.length === 0 && !hasNextPage) return empty;
  const shown = isAsked ? rows : rows.slice(0, atFirst);
  const isHeldBack = shown.length < rows.length;
  const showMore = () => {
    setAsked(true);
    if (!isHeldBack) void fetchNextPage();
  };
  return (
    <>
      {rows.length === 0 ? empty : children(shown)}
      {error != null && (
        <Box p="lg">
          <Failure error={error} onRetry={() => void fetchNextPage()} />
        </Box>
      )}
      {(hasNextPage || isHeldBack) && (
        <Stack p="md" gap="xs" align="center">
          {rows.length === 0 && (
            <Text size="sm" c="dimmed">
              {t`Not everything was looked through yet.`}
            </Text>
          )}
          <Button variant="default" loading={isFetchingNextPage} onClick={showMore}>
            {rows.length === 0 ? t`Look further` : t`Show more`}
          </Button>
        </Stack>
      )}
    </>
  );
}
