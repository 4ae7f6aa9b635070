/** The rate limits of a key, a user or a plan, by their fields. */
export const RATES = [
  { field: "rpm", label: "Requests a minute" },
  { field: "tpm", label: "Tokens a minute" },
  { field: "rpd", label: "Requests a day" },
] as const;
