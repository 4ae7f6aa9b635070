import { t } from "@lingui/core/macro";
import { formatDate } from "@/kit/dates";

const DAY_MS = 86_400_000;
const WEEK = 7;

/** When something was, as coarse as one remembers it. `at` and `now` are milliseconds; days are those of the zone. */
export function groupOf(at: number, now: number, zone: string): string {
  const day = (moment: number) => formatDate(new Date(moment).toISOString(), zone);
  if (day(at) === day(now)) return t`Today`;
  if (day(at) === day(now - DAY_MS)) return t`Yesterday`;
  return at > now - WEEK * DAY_MS ? t`The last seven days` : t`Earlier`;
}

/** Items in groups, in the order in which they come. */
export function inGroups<T>(items: T[], group: (item: T) => string): { title: string; items: T[] }[] {
  const groups: { title: string; items: T[] }[] = [];
  for (const item of items) {
    const title = group(item);
    const last = groups.at(-1);
    if (last?.title === title) last.items.push(item);
    else groups.push({ title, items: [item] });
  }
  return groups;
}
