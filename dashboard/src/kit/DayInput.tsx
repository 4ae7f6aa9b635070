import { t } from "@lingui/core/macro";
import "./calendar";
import { DatePickerInput, type DatePickerInputProps } from "@mantine/dates";
import { CalendarIcon } from "lucide-react";

interface Props extends Omit<DatePickerInputProps<"default">, "type" | "valueFormat"> {
  /** What it means that no day is chosen. */
  placeholder: string;
}

/** A day, or none. */
export function DayInput({ placeholder, ...input }: Props) {
  return (
    <DatePickerInput
      placeholder={placeholder}
      valueFormat={t`D MMM YYYY`}
      leftSection={<CalendarIcon size={16} aria-hidden />}
      clearable
      clearButtonProps={{ "aria-label": placeholder }}
      {...input}
    />
  );
}
