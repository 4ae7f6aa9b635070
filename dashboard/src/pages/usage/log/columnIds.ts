/** The columns that the log can have, in their order. Addresses name them. */
export const COLUMN_IDS = [
  "when",
  "request",
  "model",
  "key",
  "status",
  "in",
  "cached",
  "out",
  "reasoning",
  "first",
  "latency",
  "upstream",
  "version",
  "cost",
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export const USUAL_COLUMNS: ColumnId[] = ["when", "model", "key", "status", "in", "out", "latency", "cost"];
