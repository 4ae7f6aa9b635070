import { t } from "@lingui/core/macro";

/** The rate limits of a key, a user or a plan, by their fields. */
export const RATES = [
  { field: "rpm", label: t`Requests a minute` },
  { field: "tpm", label: t`Tokens a minute` },
  { field: "rpd", label: t`Requests a day` },
] as const;
