/** What every list of the API answers. */
export interface ListAnswer<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** The part of `useInfiniteQuery`'s options that follows `next_cursor`. */
export function pagesOf<Row>(read: (cursor: string | undefined) => Promise<ListAnswer<Row>>) {
  return {
    queryFn: ({ pageParam }: { pageParam: string | undefined }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: ListAnswer<Row>) => page.next_cursor ?? undefined,
  };
}
