import type { UsageRecord } from "@/data/usage";

export const rowKey = ({ request_id, created_at }: UsageRecord) => `${request_id} ${created_at}`;

/** What has come since, before what was loaded, each request once and as it is now. Both are newest first. */
export function merged(newest: UsageRecord[], loaded: UsageRecord[]): UsageRecord[] {
  if (newest.length === 0) return loaded;
  const known = new Set(newest.map(rowKey));
  return [...newest, ...loaded.filter((request) => !known.has(rowKey(request)))];
}
