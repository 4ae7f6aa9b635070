/** Calendar days (`2026-11-25`) of a zone as moments, and back. Apart from `dates.ts`, since most pages need none of it. */
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import { safe } from "./dates";

dayjs.extend(utc);
dayjs.extend(timezone);

/** The moment at which a day begins in a zone. */
export function startOfDay(day: string, zone: string): string {
  return dayjs.tz(`${day}T00:00:00`, safe(zone)).toISOString();
}

/** The moment at which it ends: the beginning of the next. */
export function endOfDay(day: string, zone: string): string {
  return startOfDay(addDays(day, 1), zone);
}

/** The day on which a moment falls in a zone. */
export function dayOf(at: string | Date, zone: string): string {
  return dayjs(at).tz(safe(zone)).format("YYYY-MM-DD");
}

/** A day so many days later, or earlier. */
export function addDays(day: string, days: number): string {
  return dayjs.utc(day).add(days, "day").format("YYYY-MM-DD");
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && dayjs.utc(text).format("YYYY-MM-DD") === text;
}
