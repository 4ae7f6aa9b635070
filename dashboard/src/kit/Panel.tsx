import { Group, Paper, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./Panel.module.css";

interface Props {
  title: string;
  /** One sentence below the title. */
  lead?: ReactNode;
  /** Buttons or choices at the right of the title. */
  actions?: ReactNode;
  /** No padding around the content: for tables. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, lead, actions, flush = false, children }: Props) {
  const id = useId();
  return (
    <Paper component="section" withBorder className={classes.panel} aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" px="lg" pt="md" pb={flush ? "sm" : 4} gap="sm">
        <div>
          <Title order={2} size="h3" id={id}>
            {title}
          </Title>
          {lead !== undefined && (
            <Text c="dimmed" size="sm">
              {lead}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      <div className={flush ? undefined : classes.content}>{children}</div>
    </Paper>
  );
}
