import { t } from "@lingui/core/macro";
import { parseUsd } from "@/kit/money";

/** A rule for an amount that may be absent: an empty field is no limit. */
export function isUsdOrEmpty(typed: string): string | null {
  return typed.trim() !== "" && parseUsd(typed) === null
    ? t`Write an amount in dollars, like 25 or 4.99.`
    : null;
}

/** What was typed as the API takes it: `null` is no limit. */
export function budgetOf(typed: string): string | null {
  return typed.trim() === "" ? null : parseUsd(typed);
}
