import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";

type Part = Schema<"SetupPart">;

/** Each part by its name in the API: what it is, what production wants of it, and where in the dashboard it is set. */
export const PARTS: Record<Part["part"], { name: string; why: string; path?: string }> = {
  database: {
    name: t`Database`,
    why: t`SQLite is one machine's: nothing takes over when it stops. Firestore carries on over many.`,
  },
  address: {
    name: t`Public address`,
    why: t`Links in mails and returns from payments lead there. Production needs its own https address.`,
  },
  payments: {
    name: t`Payments`,
    why: t`Name a payment provider and give its keys, or nobody can pay.`,
  },
  identity: { name: t`Identity`, why: t`Who keeps passwords and signs people in.` },
  sign_up: {
    name: t`Sign-up`,
    why: t`Whoever signs up gets credit, and nothing keeps machines from it. Ask for a captcha, or close sign-up.`,
  },
  second_factor: {
    name: t`Administrators' second factor`,
    why: t`An administrator's password alone opens everything here. Require a second factor.`,
  },
  support: {
    name: t`Support address`,
    why: t`People who are stuck are told whom to ask. Nobody is named yet.`,
  },
  telemetry: {
    name: t`Traces and measurements`,
    why: t`Without them there are logs alone to find out from what is slow.`,
  },
  upstreams: {
    name: t`Upstreams`,
    why: t`Only the built-in echo answers. Add a server with real models.`,
    path: "/admin/upstreams",
  },
  prices: {
    name: t`Prices`,
    why: t`A model without a price is refused. Give these one.`,
    path: "/admin/pricing",
  },
  jobs: {
    name: t`Scheduled jobs`,
    why: t`Money stays reserved and plans are not renewed until they run. Check the scheduler.`,
    path: "/admin/jobs",
  },
};

export const STATES: Record<Part["state"], { tone: "good" | "warn" | "bad"; word: string }> = {
  ready: { tone: "good", word: t`Ready` },
  weak: { tone: "warn", word: t`Look at it` },
  missing: { tone: "bad", word: t`Missing` },
};

/** What there is of a part, in the API's English and in the page's language: words, and lists of them. */
const FOUND: Record<string, string> = {
  "SQLite on one machine": t`SQLite on one machine`,
  "local passwords and sign-in providers": t`local passwords and sign-in providers`,
  "the sandbox, which takes no money": t`the sandbox, which takes no money`,
  "the built-in echo alone": t`the built-in echo alone`,
  "for all": t`for all`,
  "all on schedule": t`all on schedule`,
  none: t`none`,
  required: t`required`,
  optional: t`optional`,
  open: t`open`,
  invitation: t`by invitation`,
  "with a captcha": t`with a captcha`,
  "without a captcha": t`without a captcha`,
  "with welcome credit": t`with welcome credit`,
  "without welcome credit": t`without welcome credit`,
  "without its keys": t`without its keys`,
};

/** What the API found of a part, as the page says it; what it does not know, such as names, as it came. */
export function sayFound(found: string): string {
  const [, start, names] = /^(none for|not run of late:) (.+)$/.exec(found) ?? [];
  if (names !== undefined) return start === "none for" ? t`none for ${names}` : t`not run of late: ${names}`;
  const say = (word: string) => (Object.hasOwn(FOUND, word) ? FOUND[word] : undefined);
  const parts = found.split(", ").map((word) => say(word) ?? word);
  return say(found) ?? parts.join(", ");
}
