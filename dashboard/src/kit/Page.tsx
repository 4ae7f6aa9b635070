import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { BackLink } from "./BackLink";
import classes from "./Page.module.css";
import { Unspaced } from "./Unspaced";

interface Props {
  /** What this page is: its heading, and the title of the document. */
  title: string;
  /** The list that what it shows is in, and the way back to it. */
  back?: { to: string; list: string };
  /** One sentence below, where the title does not say it all. */
  lead?: ReactNode;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: everything below a route of the shell is in one. */
export function Page({ title, back, lead, actions, children }: Props) {
  return (
    <Stack gap="lg">
      <title>{`${title} · Farebox`}</title>
      {back !== undefined && <BackLink to={back.to}>{back.list}</BackLink>}
      <Group justify="space-between" align="flex-start" gap="md">
        <div className={classes.words}>
          <Title order={1} className={classes.title}>
            <Unspaced text={title} />
          </Title>
          {lead !== undefined && (
            <Text c="dimmed" mt={4} maw="80ch">
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
