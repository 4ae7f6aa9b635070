/** How often to look whether the first request has come: often while somebody is likely at it, and at last no more. */

const MINUTE_MS = 60_000;
const PACES: [until: number, every: number][] = [
  [3 * MINUTE_MS, 2_000],
  [10 * MINUTE_MS, 5_000],
  [30 * MINUTE_MS, 15_000],
];

/** Milliseconds until the next look, so long after the first; `false`: it is not looked any more by itself. */
export function nextLook(waitedMs: number): number | false {
  return PACES.find(([until]) => waitedMs < until)?.[1] ?? false;
}
