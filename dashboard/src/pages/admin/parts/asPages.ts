/** A list that comes whole, for `<PagedTable>`: what is shown of it, and the rest at a click. */
export function asPages<Row>(
  query: { data: unknown; error: unknown; refetch: () => unknown },
  rows: Row[],
  more?: { hasMore: boolean; showMore: () => void },
) {
  return {
    data: query.data === undefined ? undefined : { pages: [{ data: rows, next_cursor: null }] },
    error: query.data === undefined ? query.error : null,
    refetch: query.refetch,
    hasNextPage: more?.hasMore ?? false,
    isFetchingNextPage: false,
    fetchNextPage: () => more?.showMore(),
  };
}
