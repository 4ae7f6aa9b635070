import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** What is not there, or matters less, as large as the text around it. */
export function Faint({ children }: { children: ReactNode }) {
  return (
    <Text component="span" inherit c="dimmed">
      {children}
    </Text>
  );
}
