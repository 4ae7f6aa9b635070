import { t } from "@lingui/core/macro";
import { Button, Drawer, Group, Stack } from "@mantine/core";
import type { FormEventHandler, ReactNode } from "react";
import { Notice } from "./Notice";
import classes from "./Sheet.module.css";

interface SheetProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** A form, which begins anew each time the sheet opens. */
  children: ReactNode;
}

/** A form at the side, over the page that it belongs to. */
export function Sheet({ title, opened, onClose, children }: SheetProps) {
  return (
    <Drawer
      title={title}
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      classNames={{ title: classes.title, header: classes.header, content: classes.content }}
      overlayProps={{ backgroundOpacity: 0.45, blur: 2 }}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {children}
    </Drawer>
  );
}

interface FormProps {
  onSubmit: FormEventHandler<HTMLFormElement>;
  /** What was refused and belongs to no field. */
  problem: string | null;
  isSending: boolean;
  /** The verb on the button. */
  action: string;
  danger?: boolean;
  onCancel: () => void;
  children: ReactNode;
}

/** A form's fields, what was wrong, and its two buttons. */
export function SheetForm({
  onSubmit,
  problem,
  isSending,
  action,
  danger = false,
  onCancel,
  children,
}: FormProps) {
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {children}
        {problem !== null && (
          <Notice tone="bad" title={t`That was refused`}>
            {problem}
          </Notice>
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onCancel}>
            {t`Cancel`}
          </Button>
          <Button type="submit" loading={isSending} color={danger ? "red.8" : undefined}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
