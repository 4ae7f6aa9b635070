const MOST_STEPS = 5;
const NICE = [1, 2, 5, 10];

/**
 * Heights for an axis, evenly apart, with zero among them, that reach from the lowest to the highest or a little beyond:
 * steps of 1, 2 or 5 times a power of ten, so that each can be written with few digits. `whole` for what is counted.
 */
export function ticksOf(lowest: number, highest: number, whole: boolean): number[] {
  const low = Math.min(0, lowest);
  const high = Math.max(0, highest);
  if (low === high) return [0, 1];
  const step = stepFor((high - low) / MOST_STEPS, whole);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => tidy((first + index) * step));
}

function stepFor(atLeast: number, whole: boolean): number {
  if (whole && atLeast <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return tidy((NICE.find((nice) => nice * power >= atLeast * (1 - 1e-9)) ?? 10) * power);
}

/** Without what a float adds at its end: `0.30000000000000004` is `0.3`. */
function tidy(height: number): number {
  return Number(height.toPrecision(12));
}
