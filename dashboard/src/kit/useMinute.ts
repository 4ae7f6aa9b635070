import { useSyncExternalStore } from "react";

const MINUTE_MS = 60_000;

/** The minute that it is, since 1970: whoever uses it is drawn again with each. */
export function useMinute(): number {
  return useSyncExternalStore(each, minute);
}

function each(begin: () => void): () => void {
  const timer = window.setInterval(begin, MINUTE_MS);
  return () => window.clearInterval(timer);
}

function minute(): number {
  return Math.floor(Date.now() / MINUTE_MS);
}
