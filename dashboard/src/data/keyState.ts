import type { Key } from "./keys";

const SOON_MS = 7 * 86_400_000;

/** Whether a key works: `expiring` is an active one with less than a week left. */
export function keyState(
  key: Pick<Key, "state" | "expires_at">,
  now: number = Date.now(),
): "active" | "expiring" | "expired" | "revoked" {
  if (key.state === "revoked") return "revoked";
  if (key.expires_at === null) return "active";
  const left = Date.parse(key.expires_at) - now;
  if (left <= 0) return "expired";
  return left < SOON_MS ? "expiring" : "active";
}
