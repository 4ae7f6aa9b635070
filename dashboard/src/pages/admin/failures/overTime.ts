import type { Schema } from "@/api/client";

type HourOfFailures = Schema<"HourOfFailures">;

export const SPANS = [24, 168, 720] as const;
export type SpanHours = (typeof SPANS)[number];

const HOUR_MS = 3_600_000;

export interface Slot {
  /** When it begins. */
  at: string;
  count: number;
}

/** Failures over the whole span: hour by hour over a day, else in steps that leave some thirty bars, none left out. */
export function overTime(hours: HourOfFailures[], span: SpanHours, now: number = Date.now()): Slot[] {
  const step = span === 24 ? 1 : span === 168 ? 6 : 24;
  const last = Math.floor(now / (step * HOUR_MS));
  const first = last - span / step;
  const counts = new Map<number, number>();
  for (const { hour, count } of hours) {
    const slot = Math.floor(Date.parse(hour) / (step * HOUR_MS));
    counts.set(slot, (counts.get(slot) ?? 0) + count);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    at: new Date((first + index) * step * HOUR_MS).toISOString(),
    count: counts.get(first + index) ?? 0,
  }));
}
