/**
 * The language of the page: the one that the person chose in this browser, or the first of the browser's own that there
 * is. It is settled before anything of `app/` is evaluated, and stays until the page is loaded again, so that texts and
 * formatters may be made once, in constants too.
 */

export const LANGUAGES = {
  en: { name: "English", direction: "ltr", numbers: "en-US", dates: "en-GB" },
  de: { name: "Deutsch", direction: "ltr", numbers: "de-DE", dates: "de-DE" },
} as const;

export type Language = keyof typeof LANGUAGES;

const KEY = "farebox.language";
const CHOSEN = "farebox.language.chosen";

export const language: Language = chosen() ?? preferred();

/** How it writes numbers and amounts, and how dates. BCP 47. */
export const { numbers: NUMBERS, dates: DATES } = LANGUAGES[language];

/** Choose a language for this browser, and load the page in it. */
export function chooseLanguage(next: Language): void {
  localStorage.setItem(KEY, next);
  sessionStorage.setItem(CHOSEN, next);
  window.location.reload();
}

/** Whether the page is loaded since its language was chosen: told once. */
export function takeChoice(): boolean {
  try {
    const isChosen = sessionStorage.getItem(CHOSEN) !== null;
    sessionStorage.removeItem(CHOSEN);
    return isChosen;
  } catch {
    return false; // storage is switched off
  }
}

function chosen(): Language | undefined {
  try {
    return known(localStorage.getItem(KEY) ?? "");
  } catch {
    return undefined; // storage is switched off
  }
}

function preferred(): Language {
  const wanted = typeof navigator === "undefined" ? [] : (navigator.languages ?? []);
  return wanted.map(known).find((each) => each !== undefined) ?? "en";
}

/** The language of a tag such as `de-AT`. */
function known(tag: string): Language | undefined {
  const [own = ""] = tag.toLowerCase().split("-");
  return own in LANGUAGES ? (own as Language) : undefined;
}
