/** Numbers that are not money, in the language of the page. */
import { NUMBERS } from "@/language/language";

const WHOLE = new Intl.NumberFormat(NUMBERS, { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat(NUMBERS, {
  notation: "compact",
  maximumFractionDigits: 1,
  useGrouping: "always",
});
const PERCENT = new Intl.NumberFormat(NUMBERS, { style: "percent", maximumFractionDigits: 1 });
const PARTS = new Intl.NumberFormat(NUMBERS, { useGrouping: "always" }).formatToParts(1234.5);

/** What stands between thousands, and before decimals: for fields that numbers are typed into. */
export const GROUP = PARTS.find(({ type }) => type === "group")?.value ?? ",";
export const DECIMAL = PARTS.find(({ type }) => type === "decimal")?.value ?? ".";

const NO_BREAK = "\u00a0";

/** `12,345`. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** `12.3K`: for tiles and axes. */
export function formatCompact(count: number): string {
  return COMPACT.format(count);
}

/** A share of 1 as `12.5%`. */
export function formatShare(share: number): string {
  return PERCENT.format(share);
}

/** A share at the axis of a chart whose heights are `step` apart, with the decimals that tell them from each other. */
export function axisShare(share: number, step: number): string {
  const decimals = Math.max(0, decimalsOf(step) - 2);
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(NUMBERS, { style: "percent", ...digits, useGrouping: false }).format(share);
}

/** So many decimals tell numbers that are `step` apart from each other. */
export function decimalsOf(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

/** Milliseconds as `840 ms` or `1.2 s`, which no line breaks. */
export function formatDuration(ms: number): string {
  const [number, unit] =
    ms < 1000 ? [String(Math.round(ms)), "ms"] : [formatDecimals(ms / 1000, ms < 10_000 ? 1 : 0), "s"];
  return number + NO_BREAK + unit;
}

/** A number with so many decimals. */
export function formatDecimals(number: number, decimals: number): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(NUMBERS, { ...digits, useGrouping: false }).format(number);
}
