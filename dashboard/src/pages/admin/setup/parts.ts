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
