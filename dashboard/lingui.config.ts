import type { LinguiConfig } from "@lingui/conf";

/** The English texts are in the code, where the macros find them; each other language has a catalogue. */
export default {
  sourceLocale: "en",
  locales: ["de"],
  catalogs: [{ path: "<rootDir>/src/language/{locale}", include: ["src"], exclude: ["**/*.test.*"] }],
  format: "po",
  formatOptions: { lineNumbers: false },
  orderBy: "origin",
} satisfies Partial<LinguiConfig>;
