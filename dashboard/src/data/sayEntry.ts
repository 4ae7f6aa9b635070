import { plural, t } from "@lingui/core/macro";

/** What Farebox itself writes into the ledger, which keeps it in English, and how it is said. */
const WORDS: Record<string, string> = {
  "Welcome credit": t`Welcome credit`,
  "Credit to begin with": t`Credit to begin with`,
  "Code redeemed": t`Code redeemed`,
  "Top-up": t`Top-up`,
  "Automatic top-up": t`Automatic top-up`,
  "Refunded or charged back": t`Refunded or charged back`,
  "Granted credit lapsed": t`Granted credit lapsed`,
  "Debt paid from new credit": t`Debt paid from new credit`,
  "1 request, charged late": t`1 request, charged late`,
  "1 request, metered": t`1 request, metered`,
};
const FORMS: [form: RegExp, say: (first: string, second: string, third: string) => string][] = [
  [
    /^(\d+) requests?$/,
    (count) => plural({ count: Number(count) }, { one: "# request", other: "# requests" }),
  ],
  [/^Bonus of package (\S+)$/, (name) => t`Bonus of package ${name}`],
  [/^Credit of plan (\S+)$/, (plan) => t`Credit of plan ${plan}`],
  [/^Credit of plan (\S+) for its trial$/, (plan) => t`Credit of plan ${plan} for its trial`],
  [/^Credit of plan (\S+) for (\d{4}-\d\d)$/, (plan, month) => t`Credit of plan ${plan} for ${month}`],
  [
    /^Credit of plan (\S+), month (\d+) of (\d+)$/,
    (plan, month, months) => t`Credit of plan ${plan}, month ${month} of ${months}`,
  ],
];

/** What an entry of the ledger is for, in the page's language; what somebody wrote stays as it is. */
export function sayEntry(description: string): string {
  const words = Object.hasOwn(WORDS, description) ? WORDS[description] : undefined;
  if (words !== undefined) return words;
  for (const [form, say] of FORMS) {
    const [, ...parts] = form.exec(description) ?? [];
    const [first, second = "", third = ""] = parts;
    if (first !== undefined) return say(first, second, third);
  }
  return description;
}
