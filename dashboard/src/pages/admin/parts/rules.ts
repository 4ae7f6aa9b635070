import { t } from "@lingui/core/macro";
import { parseUsd, toNanos } from "@/kit/money";
import { DECIMAL, GROUP } from "@/kit/numbers";
import { isUsd } from "@/kit/UsdInput";

/** Rules for `useForm`'s `validate`, and what typed text means to the API. Empty fields are "none". */

const SLUG = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const WHOLE = new RegExp(String.raw`^\d{1,3}(?:[${GROUP}]?\d{3})*$|^\d{1,12}$`);
const FACTOR = new RegExp(String.raw`^\d{1,6}(?:[.${DECIMAL}]\d{1,4})?$`);

export function isOptionalUsd(typed: string): string | null {
  return typed.trim() === "" ? null : isUsd(typed);
}

/** Some amount, and more than nothing. */
export function isCredit(typed: string): string | null {
  return isUsd(typed) ?? (toNanos(parseUsd(typed) ?? "0") === 0n ? t`Write more than nothing.` : null);
}

export function isReason(typed: string): string | null {
  return typed.trim() === "" ? t`Say why. It stays in the ledger and the audit trail.` : null;
}

/** A name that operators give: of a plan, a tenant, an upstream. */
export function isSlug(typed: string): string | null {
  return SLUG.test(typed.trim()) ? null : t`Write letters, digits, dots, dashes or underscores, up to 64.`;
}

export function isOptionalSlug(typed: string): string | null {
  return typed.trim() === "" ? null : isSlug(typed);
}

export function isOptionalWhole(typed: string): string | null {
  const text = typed.trim();
  return text === "" || (WHOLE.test(text) && parseWhole(text) !== 0) ? null : t`Write a whole number from 1.`;
}

export function isOptionalFactor(typed: string): string | null {
  const text = typed.trim();
  return text === "" || FACTOR.test(text) ? null : t`Write a factor like 1.25, with four decimals at most.`;
}

/** A whole number as typed, `null` where there is none. */
export function parseWhole(typed: string): number | null {
  const text = typed.trim().replaceAll(GROUP, "");
  return text === "" ? null : Number.parseInt(text, 10);
}

/** A factor as the API takes it, `null` where there is none. */
export function parseFactor(typed: string): string | null {
  return orNull(typed)?.replace(DECIMAL, ".") ?? null;
}

/** Trimmed text, `null` where there is none. */
export function orNull(typed: string): string | null {
  return typed.trim() || null;
}
