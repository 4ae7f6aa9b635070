/** Numbers that are not money. */

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const PERCENT = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });

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
  return `${(share * 100).toFixed(Math.max(0, decimalsOf(step) - 2))}%`;
}

/** So many decimals tell numbers that are `step` apart from each other. */
export function decimalsOf(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

/** Milliseconds as `840 ms` or `1.2 s`. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
