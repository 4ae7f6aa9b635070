import { Badge } from "@mantine/core";

interface Props {
  tone: "good" | "bad" | "warn" | "idle";
  children: string;
}

const COLORS = { good: "fare", bad: "red.9", warn: "orange.9", idle: "gray" };

/** How something stands, in a word. Its colour says nothing that the word does not. */
export function Status({ tone, children }: Props) {
  return (
    <Badge variant="light" color={COLORS[tone]} autoContrast>
      {children}
    </Badge>
  );
}
