import { TextInput, type TextInputProps } from "@mantine/core";
import { DollarSignIcon } from "lucide-react";
import { parseUsd } from "./money";

/** A field for an amount. Its value is what is typed: `parseUsd` makes an amount of it when the form is sent, or tells
 * that it is none. No number field, since those hold floats. */
export function UsdInput(props: TextInputProps) {
  return (
    <TextInput
      inputMode="decimal"
      autoComplete="off"
      leftSection={<DollarSignIcon size={16} strokeWidth={1.8} aria-hidden />}
      {...props}
    />
  );
}

/** A rule for `useForm`'s `validate`: an amount must be there, and be one. */
export function isUsd(typed: string): string | null {
  return parseUsd(typed) === null ? "Write an amount in dollars, like 25 or 4.99." : null;
}
