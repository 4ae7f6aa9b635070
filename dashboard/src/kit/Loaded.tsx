import type { ReactNode } from "react";
import { Failure } from "./Failure";
import { Loading } from "./Loading";

interface Query<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

interface Props<T> {
  query: Query<T>;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** A query's data once it is there; until then its place, and what went wrong if it does not come. */
export function Loaded<T>({ query, loading = <Loading />, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return loading;
}
