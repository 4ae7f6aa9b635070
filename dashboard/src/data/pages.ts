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

const LARGEST_PAGE = 200;

/** A list that is needed whole, page after page; what its first page says beside its rows stays. */
export async function everyPage<Row, Page extends ListAnswer<Row>>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page & ListAnswer<Row>>,
): Promise<Page> {
  const first = await read({ limit: LARGEST_PAGE });
  const rows = [...first.data];
  let { next_cursor: cursor } = first;
  while (cursor !== null) {
    const page = await read({ limit: LARGEST_PAGE, cursor });
    rows.push(...page.data);
    cursor = page.next_cursor;
  }
  return { ...first, data: rows, next_cursor: null };
}
