import catalogues from "virtual:catalogues";
import { i18n, type Messages } from "@lingui/core";
import { LANGUAGES, language } from "./language";

let isEnglish = language === "en";

/** Have texts told in the page's language. To be awaited before any of them is. Where its catalogue cannot be had, they
 * are told in English. */
export async function startLanguage(): Promise<void> {
  let messages: Messages = {};
  try {
    if (language !== "en") messages = await piece("main");
  } catch {
    isEnglish = true; // the page is of more use in English than not at all
  }
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].direction;
}

/** Have the texts of a part of the dashboard, which is about to be loaded by this path from `src/`. No code calls it:
 * the build has each `import` by such a path wait for it. */
export async function loadTexts(part: string): Promise<void> {
  if (!isEnglish) i18n.load(language, await piece(part));
}

async function piece(part: string): Promise<Messages> {
  const load = catalogues[language]?.[part];
  if (load === undefined) throw new Error(`${part} has no catalogue in ${language}`);
  return (await load()).messages;
}
