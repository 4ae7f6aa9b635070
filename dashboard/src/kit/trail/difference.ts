import { t } from "@lingui/core/macro";
import { formatTime } from "@/kit/dates";
import { formatUsd, fromNanos } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import { sayValue } from "./words";

/** What an entry of the trail says that changed: one line a field, nested fields by their path. */
export interface Line {
  field: string;
  /** `undefined`: it was not there. */
  before: string | undefined;
  after: string | undefined;
}

type Data = Record<string, unknown>;

// The trail holds what is stored: nano-USD under these names, and under these paths wherever they are.
const AMOUNTS = new Set([
  ...[
    "amount",
    "balance",
    "balance_before",
    "balance_after",
    "reserved",
    "debt",
    "granted",
    "spent",
    "limit",
  ],
  ...["price", "grant", "request", "low_balance", "threshold", "credit"],
  ...["monthly_budget", "daily_budget", "weekly_budget", "total_budget"],
  ...["total_before", "yearly_price"],
  ...["input", "cached_input", "cache_write", "cache_write_1h", "audio_input", "image_input"],
  ...["output", "reasoning", "audio_output", "image_output"],
]);
const COUNTS = /(^|\.)(limits|seq|uses|most_uses)(\.|$)/; // `limits.rpm` is no amount

const BOOKKEEPING = /(^|\.)seq$/; // moves with every change, and tells people nothing

/** The fields that differ between two states, or all of the one that there is. */
export function differences(before: Data | null, after: Data | null, zone: string): Line[] {
  const [then, now] = [flatten(before ?? {}, zone), flatten(after ?? {}, zone)];
  const fields = [...new Set([...then.keys(), ...now.keys()])];
  return fields
    .filter((field) => !BOOKKEEPING.test(field))
    .map((field) => ({ field, before: then.get(field), after: now.get(field) }))
    .filter((line) => line.before !== line.after);
}

function flatten(data: Data, zone: string, path = "", into = new Map<string, string>()): Map<string, string> {
  for (const [name, value] of Object.entries(data)) {
    const field = path === "" ? name : `${path}.${name}`;
    const inner = asData(value);
    if (inner !== null) flatten(inner, zone, field, into);
    else into.set(field, say(field, name, value, zone));
  }
  return into;
}

/** What has fields of its own: an object, or a list of models by their public names. */
function asData(value: unknown): Data | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return Object.keys(value).length === 0 ? null : (value as Data);
  const pairs = value.filter(isPair);
  if (pairs.length === 0 || pairs.length < value.length) return null;
  return Object.fromEntries(pairs.map((pair) => [pair.public, pair.upstream]));
}

function isPair(value: unknown): value is { public: string; upstream: string } {
  const pair = value as { public?: unknown; upstream?: unknown } | null;
  return typeof pair?.public === "string" && typeof pair.upstream === "string";
}

function say(field: string, name: string, value: unknown, zone: string): string {
  if (value === null) return t`none`;
  if (typeof value === "boolean") return value ? t`yes` : t`no`;
  if (typeof value === "string" && name.endsWith("_at") && Date.parse(value)) return formatTime(value, zone);
  if (typeof value === "string") return value === "" ? t`empty` : sayValue(name, value);
  if (typeof value === "number" && Number.isSafeInteger(value) && AMOUNTS.has(name) && !COUNTS.test(field)) {
    return formatUsd(fromNanos(BigInt(value)), { exact: true });
  }
  if (typeof value === "number" && name.endsWith("multiplier_bp")) return `× ${value / 10_000}`;
  if (Array.isArray(value))
    return value.length === 0
      ? t`none`
      : value.map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each))).join(", ");
  return typeof value === "number" ? formatCount(value) : JSON.stringify(value);
}
