import { t } from "@lingui/core/macro";
import { TextInput, type TextInputProps } from "@mantine/core";
import { DollarSignIcon } from "lucide-react";
import type { ChangeEvent } from "react";
import { compareUsd, formatUsd, parseUsd, toNanos, typedUsd } from "./money";

const CENT = 10_000_000n; // in nano-USD

/** A field for an amount. Its value is what is typed: `parseUsd` makes an amount of it when the form is sent, or tells
 * that it is none. No number field, since those hold floats. */
export function UsdInput({ value, defaultValue, onChange, ...props }: TextInputProps) {
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const field = event.currentTarget;
    const shown = typedUsd(field.value);
    if (shown !== field.value) {
      const at = field.selectionStart;
      field.value = shown;
      field.setSelectionRange(at, at);
    }
    onChange?.(event);
  };
  return (
    <TextInput
      inputMode="decimal"
      autoComplete="off"
      leftSection={<DollarSignIcon size={16} strokeWidth={1.8} aria-hidden />}
      value={typeof value === "string" ? typedUsd(value) : value}
      defaultValue={typeof defaultValue === "string" ? typedUsd(defaultValue) : defaultValue}
      onChange={change}
      {...props}
    />
  );
}

/** A rule for `useForm`'s `validate`: an amount that a card can be charged, in whole cents. */
export function isCharge(typed: string): string | null {
  const amount = parseUsd(typed);
  if (amount === null) return isUsd(typed);
  return toNanos(amount) % CENT === 0n ? null : t`Write whole cents, like 25 or 4.99.`;
}

/** The same, within bounds. */
export function isChargeWithin(typed: string, least: string, most: string): string | null {
  const amount = parseUsd(typed);
  if (amount === null || (compareUsd(amount, least) >= 0 && compareUsd(amount, most) <= 0))
    return isCharge(typed);
  return t`It can be ${{ bounds: sayBounds(least, most) }}.`;
}

/** `$1 to $500`. */
export function sayBounds(least: string, most: string): string {
  return t`${{ least: formatUsd(least, { exact: true }) }} to ${{ most: formatUsd(most, { exact: true }) }}`;
}

/** A rule for `useForm`'s `validate`: an amount must be there, and be one. */
export function isUsd(typed: string): string | null {
  return parseUsd(typed) === null ? t`Write an amount in dollars, like 25 or 4.99.` : null;
}
