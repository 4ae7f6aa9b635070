import { Badge } from "@mantine/core";
import classes from "./Status.module.css";

interface Props {
  tone: "good" | "bad" | "warn" | "idle";
  children: string;
}

/** How something stands, in a word. Its colour says nothing that the word does not. */
export function Status({ tone, children }: Props) {
  return (
    <Badge variant="light" classNames={{ root: classes[tone] }}>
      {children}
    </Badge>
  );
}
