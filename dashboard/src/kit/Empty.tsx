import { Stack, Text, ThemeIcon } from "@mantine/core";
import { type LucideIcon, TicketIcon } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  title: string;
  /** What will be here, and how it comes. */
  children?: ReactNode;
  action?: ReactNode;
  icon?: LucideIcon;
}

/** Where a list has nothing yet. */
export function Empty({ title, children, action, icon: Icon = TicketIcon }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon size={48} radius="xl" variant="light" aria-hidden>
        <Icon size={24} strokeWidth={1.6} />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text c="dimmed" size="sm" maw="44ch" style={{ textWrap: "balance" }}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
