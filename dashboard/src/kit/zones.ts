import { browserZone } from "@/data/me";

/** The time zones that the browser knows, with the present one and the browser's own first. */
export function timeZones(present: string): string[] {
  return [...new Set([present, browserZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])];
}
