/** Moments of the API (RFC 3339, UTC) and its days (`2026-11-25`) as a person reads them, in the language of the page. Zones
 * are IANA names. */
import { t } from "@lingui/core/macro";
import { DATES } from "@/language/language";

const RELATIVE = new Intl.RelativeTimeFormat(DATES, { numeric: "auto" });
const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `25 Nov 2026, 14:03:09 GMT+1`: everything, for a tooltip or a receipt. */
export function formatMoment(at: string, zone: string): string {
  return format(at, { dateStyle: "medium", timeStyle: "long", timeZone: safe(zone) });
}

/** `25 Nov 2026, 14:03`: for a row of a table. */
export function formatTime(at: string, zone: string): string {
  return format(at, { dateStyle: "medium", timeStyle: "short", timeZone: safe(zone) });
}

/** `25 Nov 2026`. */
export function formatDate(at: string, zone: string): string {
  return format(at, { dateStyle: "medium", timeZone: safe(zone) });
}

/** A day of the API as `25 Nov`: a calendar day, which no zone moves. */
export function formatDay(day: string): string {
  return format(`${day}T00:00:00Z`, { day: "numeric", month: "short", timeZone: "UTC" });
}

/** A day of the API as `25 Nov 2026`. */
export function formatFullDay(day: string): string {
  return formatDate(`${day}T00:00:00Z`, "UTC");
}

/** A budget's period, `2026-11`, as `November 2026`. */
export function formatMonth(period: string): string {
  return format(`${period}-01T00:00:00Z`, { month: "long", year: "numeric", timeZone: "UTC" });
}

/** `3 minutes ago`, `in 2 days`, `just now`. */
export function formatRelative(at: string, now: number = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return RELATIVE.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? t`just now` : RELATIVE.format(Math.trunc(seconds), "second");
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(at: string, options: Intl.DateTimeFormatOptions): string {
  const name = JSON.stringify(options);
  let formatter = formatters.get(name);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(DATES, options); // which takes a hundred times as long as to use it
    formatters.set(name, formatter);
  }
  return formatter.format(new Date(at));
}

const zones = new Map<string, string>();

/** The zone, or UTC where this browser does not know it. */
export function safe(zone: string): string {
  const found = zones.get(zone) ?? known(zone);
  zones.set(zone, found);
  return found;
}

function known(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC"; // a zone that the server knows and this browser does not
  }
}
