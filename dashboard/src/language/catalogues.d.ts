declare module "virtual:catalogues" {
  import type { Messages } from "@lingui/core";

  /** What loads the texts of a language, by the part of the dashboard that tells them: see scripts/catalogues.ts. */
  const catalogues: Record<string, Record<string, () => Promise<{ messages: Messages }>>>;
  export default catalogues;
}
