import { Text, type TextProps, Tooltip } from "@mantine/core";
import { useZone } from "@/data/me";
import { formatMoment, formatRelative, formatTime } from "./dates";

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
    <Tooltip label={formatMoment(at, zone)}>
      <Text component="time" inherit dateTime={at} style={{ whiteSpace: "nowrap" }} {...text}>
        {relative ? formatRelative(at) : formatTime(at, zone)}
      </Text>
    </Tooltip>
  );
}
