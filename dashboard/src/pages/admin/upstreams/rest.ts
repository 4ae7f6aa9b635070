import { t } from "@lingui/core/macro";
import type { Terms, Upstream } from "./upstreams";

/** What the form has fields for, and what nobody may set: all else of an upstream is written as JSON. */
const SHOWN = new Set([
  "id",
  "base_url",
  "models",
  "priority",
  "weight",
  "connect_timeout_s",
  "timeout_s",
  "idle_timeout_s",
  "cap_field",
  "has_api_key",
  "api_key_secret",
  "unopened",
  "enabled",
  "added_at",
]);

/** What may be told of an upstream's key. What its headers and its query have sealed fares as it does. */
export function sayKey(upstream: Upstream): string {
  if (upstream.unopened.length > 0) {
    return t`Does not open here, so it is not called: send anew ${{ fields: upstream.unopened.join(", ") }}`;
  }
  return upstream.has_api_key ? t`Stored sealed, never shown` : t`None`;
}

type Settings = Record<string, unknown>;

/** The settings of an upstream that no field of the form shows, where they are not the default. */
export function restOf(upstream: Upstream | undefined): Settings {
  const all = Object.entries(upstream ?? {});
  return Object.fromEntries(all.filter(([name, value]) => !SHOWN.has(name) && value != null));
}

/** Settings as they are typed; nothing where there are none. */
export function writeRest(rest: Settings): string {
  return Object.keys(rest).length === 0 ? "" : JSON.stringify(rest, null, 2);
}

const LABELS: Record<string, string> = {
  auth: t`How the key is sent`,
  speaks: t`Speaks`,
  headers: t`Headers sent`,
  query: t`Query sent`,
  pass_headers: t`Clients' headers passed on`,
  pass_fields: t`Unknown fields passed on`,
  drop_fields: t`Fields left out`,
  developer_role: t`Knows the role developer`,
  priced_as: t`Priced as`,
};

/** The same settings in words, each by its label. Of headers and the query the names: values are not told. */
export function sayRest(rest: Settings): [string, string][] {
  return Object.entries(rest).map(([name, value]) => [LABELS[name] ?? name, say(name, value)]);
}

function say(name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? t`Yes` : t`No`;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.join(", ") || t`None`;
  if (name === "headers" || name === "query") return Object.keys(value as Settings).join(", ") || t`None`;
  if (name === "priced_as") {
    const pairs = Object.entries(value as Settings).map(
      ([model, entry]) => t`${model} as ${{ entry: String(entry) }}`,
    );
    return pairs.join(", ") || t`None`;
  }
  if (name === "auth") return t`In the header ${{ header: (value as { header: string }).header }}`;
  return JSON.stringify(value);
}

/** What was typed, or `null` where it is no JSON object. */
export function readRest(typed: string): Settings | null {
  if (typed.trim() === "") return {};
  try {
    const read: unknown = JSON.parse(typed);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Settings) : null;
  } catch {
    return null;
  }
}

/** Why what was typed cannot be sent, if it cannot. */
export function isRest(typed: string): string | null {
  const rest = readRest(typed);
  if (rest === null) return 'Write a JSON object, like {"speaks": ["chat", "messages"]}.';
  const shown = Object.keys(rest).find((name) => SHOWN.has(name));
  return shown === undefined ? null : t`${shown} has a field of its own above.`;
}

/** What is to be sent so that the settings become `after`: what is gone is the default again. */
export function restChange(before: Settings, after: Settings): Terms {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return Object.fromEntries([...gone.map((name) => [name, null]), ...changed]) as Terms;
}
