import { Text, type TextProps } from "@mantine/core";
import { useZone } from "@/data/me";
import { formatMoment, formatRelative, formatTime } from "./dates";
import { Hint } from "./Hint";
import { useMinute } from "./useMinute";

interface Props extends TextProps {
  /** A moment of the API's. */
  at: string;
  /** `3 minutes ago` instead of the date and time. */
  relative?: boolean;
}

/** A moment in the person's zone, with all of it in a tooltip. */
export function When({ at, relative = false, ...text }: Props) {
  const zone = useZone();
  return (
    <Hint label={() => formatMoment(at, zone)}>
      <Text component="time" inherit dateTime={at} style={{ whiteSpace: "nowrap" }} {...text}>
        {relative ? <Relative at={at} /> : formatTime(at, zone)}
      </Text>
    </Hint>
  );
}

function Relative({ at }: Pick<Props, "at">) {
  useMinute(); // it goes on by itself
  return formatRelative(at);
}
