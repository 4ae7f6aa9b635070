/**
 * Money is a decimal string of USD in the API and a whole number of nano-USD (`bigint`) in sums here. No float ever
 * holds it: `forChart` alone makes a number, for the length of a bar and nothing that is read. A language decides about
 * signs and separators, never about digits.
 */
import { NUMBERS } from "@/language/language";
import { DECIMAL, decimalsOf, formatCompact, formatDecimals, GROUP } from "./numbers";

const NANOS_PER_USD = 1_000_000_000n;
const USD = /^(-?)(\d+)(?:\.(\d{1,9}))?$/;
const TYPED = /^(\d+|\d{1,3}(?:,\d{3})+)?(?:\.(\d*))?$/; // once separators are the English ones
const DECIMALS_BELOW_ONE = 3; // figures that count, of an amount below a dollar
const MAX_DECIMALS = 9;
const WHOLE = new Intl.NumberFormat(NUMBERS);
const SIGN = /^\D*|\D*$/g; // what stands around the digits of an amount: `$` before, ` $` after
const [BEFORE = "", AFTER = ""] =
  new Intl.NumberFormat(NUMBERS, { style: "currency", currency: "USD" }).format(1).match(SIGN) ?? [];

/** The nano-USD of one of the API's amounts. Throws where it is none. */
export function toNanos(usd: string): bigint {
  const match = USD.exec(usd);
  if (match === null) throw new RangeError(`no amount of USD: ${JSON.stringify(usd)}`);
  const [, sign, whole = "0", fraction = ""] = match;
  const nanos = BigInt(whole) * NANOS_PER_USD + BigInt(fraction.padEnd(MAX_DECIMALS, "0"));
  return sign === "-" ? -nanos : nanos;
}

/** The shortest exact amount with at least two decimals, as the API writes it: `"5.00"`. */
export function fromNanos(nanos: bigint): string {
  const { sign, whole, fraction } = parts(nanos);
  return `${sign}${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** The exact sum of amounts. */
export function sumUsd(amounts: Iterable<string>): string {
  let sum = 0n;
  for (const amount of amounts) sum += toNanos(amount);
  return fromNanos(sum);
}

/** Below, at or above zero, as `a` is less than, equal to or more than `b`: for `sort`. */
export function compareUsd(a: string, b: string): number {
  const difference = toNanos(a) - toNanos(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export interface UsdFormat {
  /** All digits that there are, instead of those that are sensible to read. */
  exact?: boolean;
  /** `down` never shows more than there is: for balances. */
  rounding?: "nearest" | "down";
  /** Show a plus before what is more than zero: for ledgers. */
  signed?: boolean;
}

/** An amount to read in the currency in which a provider took it: `$5.00`, or `5.00 EUR` with the separators of the page's
 * language. */
export function formatAmount(amount: string, currency: string | null | undefined): string {
  const name = currency ?? "usd";
  if (name === "usd") return formatUsd(amount);
  const decimals = amount.split(".")[1]?.length ?? 0;
  const told = new Intl.NumberFormat(NUMBERS, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return `${told.format(amount as Intl.StringNumericLiteral)}\u00a0${name.toUpperCase()}`;
}

/**
 * An amount to read, such as `$1,204.50`. From a dollar on it has cents; below, the first three figures that count, so
 * that the cost of one request is no `$0.00`. What is rounded away is in `formatUsd(usd, { exact: true })`.
 */
export function formatUsd(
  usd: string,
  { exact = false, rounding = "nearest", signed = false }: UsdFormat = {},
): string {
  const nanos = toNanos(usd);
  const shown = exact ? nanos : round(nanos, sensibleDecimals(nanos), rounding);
  const { whole, fraction } = parts(shown);
  const decimals = exact ? 2 : Math.min(2, sensibleDecimals(shown));
  const digits = fraction.replace(/0+$/, "").padEnd(decimals, "0");
  const sign = shown < 0n ? "\u2212" : signed && shown > 0n ? "+" : "";
  return `${sign}${writeUsd(whole, digits)}`;
}

/** So many whole dollars, and the digits of their fraction as they are. */
export function writeUsd(whole: bigint, fraction: string): string {
  return withDollar(`${WHOLE.format(whole)}${DECIMAL}${fraction}`);
}

/** Figures with the dollar's sign where the language has it: `$12`, `12 $`. */
export function withDollar(figures: string): string {
  return `${BEFORE}${figures}${AFTER}`;
}

/** Whether `formatUsd` shows all of an amount. */
export function isShownWhole(usd: string, format: UsdFormat = {}): boolean {
  return formatUsd(usd, format) === formatUsd(usd, { ...format, exact: true });
}

/** What somebody typed, as the API takes it (`"$1,000.5"` is `"1000.50"`), or `null` where it is no amount. */
export function parseUsd(typed: string): string | null {
  const text = typed.trim().replace(/^\$\s*|\s*\$$/g, "");
  const match = TYPED.exec(withPoint(text));
  if (match === null || !/\d/.test(text)) return null;
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > MAX_DECIMALS || whole.length > 13) return null;
  return fromNanos(toNanos(`${whole.replaceAll(",", "")}.${fraction.padEnd(1, "0")}`));
}

/**
 * An amount of the API's, or what somebody types, as a field shows it: where decimals have a comma, a lone point becomes
 * one, so that `1.000` is seen to be one dollar before it is sent.
 */
export function typedUsd(text: string): string {
  return DECIMAL === "." || text.includes(DECIMAL) ? text : text.replace(".", DECIMAL);
}

/** What is typed, with the separators that `TYPED` knows. Without a comma, a point begins the decimals in every language. */
function withPoint(text: string): string {
  if (DECIMAL === "." || !text.includes(DECIMAL)) return text;
  return text.replaceAll(GROUP, "\0").replace(DECIMAL, ".").replaceAll("\0", ",");
}

/** About how much, for the geometry of a chart. Never to be shown, summed or sent. */
export function forChart(usd: string): number {
  return Number(usd);
}

/** About which share of the whole an amount is, 0 to 1 and no more: for the length of a bar. Of nothing it is all. */
export function shareOfUsd(part: string, whole: string): number {
  if (compareUsd(part, whole) >= 0) return 1;
  return Math.max(0, Number((toNanos(part) * 10_000n) / toNanos(whole)) / 10_000);
}

/** A height that `forChart` made, at the axis of a chart whose heights are `step` apart: `$0.50`, `$12`, `$1.2K`. All
 * heights of an axis have as many decimals: those of cents, or more where the step is finer. */
export function axisUsd(height: number, step: number): string {
  const size = Math.abs(height);
  const decimals = Math.min(MAX_DECIMALS, Math.max(2, decimalsOf(step)));
  const figures = step >= 1 ? formatCompact(size) : formatDecimals(size, decimals);
  return `${height < 0 ? "\u2212" : ""}${withDollar(figures)}`;
}

/** The amount of one of `count` equal parts, to the nearest nano-USD: to be shown, not summed. */
export function meanUsd(usd: string, count: number): string {
  const nanos = toNanos(usd);
  const parts = BigInt(count);
  return fromNanos((nanos + (nanos < 0n ? -parts : parts) / 2n) / parts);
}

function sensibleDecimals(nanos: bigint): number {
  const size = nanos < 0n ? -nanos : nanos;
  if (size === 0n || size >= NANOS_PER_USD) return 2;
  const leadingZeros = MAX_DECIMALS - size.toString().length;
  return Math.max(2, Math.min(MAX_DECIMALS, leadingZeros + DECIMALS_BELOW_ONE));
}

function round(nanos: bigint, decimals: number, rounding: "nearest" | "down"): bigint {
  const step = 10n ** BigInt(MAX_DECIMALS - decimals);
  const floor = nanos - (((nanos % step) + step) % step);
  if (rounding === "down") return floor;
  const { sign } = parts(nanos);
  const size = nanos < 0n ? -nanos : nanos;
  const rounded = ((size + step / 2n) / step) * step;
  return sign === "-" ? -rounded : rounded;
}

function parts(nanos: bigint): { sign: string; whole: bigint; fraction: string } {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % NANOS_PER_USD).toString().padStart(MAX_DECIMALS, "0");
  return { sign: nanos < 0n ? "-" : "", whole: size / NANOS_PER_USD, fraction };
}
