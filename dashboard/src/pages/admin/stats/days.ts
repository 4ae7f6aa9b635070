/** The spans that statistics are told for, in days. */
export const DAYS = [7, 30, 90, 365] as const;

export type Days = (typeof DAYS)[number];
