import { t } from "@lingui/core/macro";
import { Box, Button, Center } from "@mantine/core";
import type { ReactNode } from "react";
import type { ListAnswer } from "@/data/pages";
import { Failure } from "./Failure";
import { Loading } from "./Loading";

/** What `useInfiniteQuery` with `pagesOf` answers, as far as it matters here. */
export interface PagedQuery<Row> {
  data: { pages: Pick<ListAnswer<Row>, "data">[] } | undefined;
  error: unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface Props<Row> {
  query: PagedQuery<Row>;
  /** What is shown where there is no row. */
  empty: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

/** A list of the API that grows by a page at a click, however its rows are shown. */
export function Paged<Row>({ query, empty, children }: Props<Row>) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  if (data === undefined) {
    return (
      <Box p="lg">
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading as="rows" />}
      </Box>
    );
  }
  const rows = data.pages.flatMap((page) => page.data);
  if (rows.length === 0 && !hasNextPage) return empty;
  return (
    <>
      {children(rows)}
      {error != null && (
        <Box p="lg">
          <Failure error={error} onRetry={() => void fetchNextPage()} />
        </Box>
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
