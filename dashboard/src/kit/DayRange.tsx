import { t } from "@lingui/core/macro";
import "./calendar";
import { DatePickerInput, type DatePickerInputProps } from "@mantine/dates";
import { CalendarIcon } from "lucide-react";

export type Days = [from: string | null, to: string | null];

interface Props extends Pick<DatePickerInputProps, "className" | "w"> {
  /** Both `null`: any day. */
  value: Days;
  /** Called with both days, or none. */
  onChange: (days: Days) => void;
}

/** From which day to which, both included. */
export function DayRange({ value, onChange, ...input }: Props) {
  return (
    <DatePickerInput
      key={value.join(" ")} // half a range is its own until the other half is chosen
      type="range"
      label={t`Days`}
      placeholder={t`From day to day`}
      leftSection={<CalendarIcon size={16} aria-hidden />}
      valueFormat={t`D MMM YYYY`}
      allowSingleDateInRange
      defaultValue={value}
      onChange={([from, to]) => {
        if ((from === null) === (to === null)) onChange([from, to]);
      }}
      clearable
      clearButtonProps={{ "aria-label": t`Any day` }}
      {...input}
    />
  );
}
