import type { UsageRecord } from "@/data/usage";

/** A request's own page. */
export function requestPath({ request_id }: Pick<UsageRecord, "request_id">): string {
  return `/usage/requests/${encodeURIComponent(request_id)}`;
}
