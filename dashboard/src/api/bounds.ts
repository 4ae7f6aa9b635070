import { plural, t } from "@lingui/core/macro";
import { formatUsd } from "@/kit/money";
import { formatCount, formatDecimals } from "@/kit/numbers";

/* What the API asks of a value, in its own English words: some from its checks of forms, which Pydantic phrases, some of
 * its own. A refusal's code says only that a value does not fit; with these words a page in another language says how. */

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const USD = String.raw`\$?(\d[\d,]*(?:\.\d+)?)`;

const sayNumber = (text = "") => {
  const decimals = text.split(".")[1]?.length ?? 0;
  return decimals === 0 ? formatCount(Number(text)) : formatDecimals(Number(text), decimals);
};
const sayUsd = (text = "") => formatUsd(text.replaceAll(",", ""));

const SAYINGS: [words: RegExp, say: (...places: string[]) => string][] = [
  [
    new RegExp(`from ${USD} to ${USD} USD`),
    (least, most) => t`Write an amount from ${{ least: sayUsd(least) }} to ${{ most: sayUsd(most) }}.`,
  ],
  [/in whole cents/, () => t`Write whole cents.`],
  [/amount of USD as a decimal string/, () => t`Write an amount with at most nine decimals.`],
  [
    new RegExp(`(?:amount may not exceed|holds at most) ${USD} USD`),
    (most) => t`Write an amount of at most ${{ most: sayUsd(most) }}.`,
  ],
  [
    new RegExp(`whole number from ${NUMBER} to ${NUMBER}`),
    (least, most) =>
      t`Write a whole number from ${{ least: sayNumber(least) }} to ${{ most: sayNumber(most) }}.`,
  ],
  [
    new RegExp(`greater than or equal to ${NUMBER}`),
    (least) => t`Write ${{ least: sayNumber(least) }} or more.`,
  ],
  [new RegExp(`greater than ${NUMBER}`), (least) => t`Write more than ${{ least: sayNumber(least) }}.`],
  [new RegExp(`less than or equal to ${NUMBER}`), (most) => t`Write ${{ most: sayNumber(most) }} or less.`],
  [new RegExp(`less than ${NUMBER}`), (most) => t`Write less than ${{ most: sayNumber(most) }}.`],
  [
    /at least (\d+) characters?/,
    (count) =>
      plural(
        { count: Number(count) },
        { one: "Write at least # character.", other: "Write at least # characters." },
      ),
  ],
  [
    /at most (\d+) characters?/,
    (count) =>
      plural(
        { count: Number(count) },
        { one: "Write at most # character.", other: "Write at most # characters." },
      ),
  ],
  [/at least (\d+) items?/, (count) => t`Choose at least ${{ count: formatCount(Number(count)) }}.`],
  [/at most (\d+) items?/, (count) => t`Choose at most ${{ count: formatCount(Number(count)) }}.`],
  [/valid integer|whole number/, () => t`Write a whole number.`],
  [/valid number/, () => t`Write a number.`],
  [/valid date/, () => t`Write a day and a time.`],
  [/in the past|be over already/, () => t`Choose a later time.`],
  [
    /begins with https:\/\/ and has no name/,
    () => t`Write an address that begins with https:// and has no name or password in it.`,
  ],
  [
    /No mail can be sent to this address|valid email|no e-?mail address/i,
    () => t`This is no e-mail address that mails can be sent to.`,
  ],
];

/** What the API's words ask of a value, in the page's language; `null` where they are not known. */
export function sayBounds(words: string): string | null {
  for (const [pattern, say] of SAYINGS) {
    const found = pattern.exec(words);
    if (found !== null) return say(...found.slice(1));
  }
  return null;
}
