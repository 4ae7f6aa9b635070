/** Words and names in the order and the forms of the page's language. */
import { DATES, language } from "@/language/language";

const LIST = new Intl.ListFormat(DATES, { type: "conjunction" });

/** `a, b and c`. */
export function formatList(words: string[]): string {
  return LIST.format(words);
}

/** For `sort`: names as the language orders them, and numbers in them by their value. */
export const { compare: byName } = new Intl.Collator(language, { numeric: true });
