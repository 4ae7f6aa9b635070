import { i18n, type Messages } from "@lingui/core";
import { LANGUAGES, type Language, language } from "./language";

/** What other languages than English need: their catalogue, and their names of days and months. */
const LOADERS: Record<Exclude<Language, "en">, () => Promise<Messages>> = {
  de: async () => (await Promise.all([import("./de.po"), import("dayjs/locale/de")]))[0].messages,
};

/** Have texts told in the page's language. To be awaited before any of them is. Where its catalogue cannot be had, they
 * are told in English. */
export async function startLanguage(): Promise<void> {
  let messages: Messages = {};
  try {
    if (language !== "en") messages = await LOADERS[language]();
  } catch {
    // the page is of more use in English than not at all
  }
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].direction;
}
