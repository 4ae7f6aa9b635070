import { Group, Text } from "@mantine/core";
import { Logo } from "./Logo";

interface Props {
  size?: number;
}

/** The logo and the name. */
export function Wordmark({ size = 28 }: Props) {
  return (
    <Group gap={8} wrap="nowrap" component="span">
      <Logo size={size} />
      <Text component="span" fw={680} fz={size * 0.66} lh={1} style={{ letterSpacing: "-0.03em" }}>
        Farebox
      </Text>
    </Group>
  );
}
