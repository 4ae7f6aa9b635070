import { t } from "@lingui/core/macro";
import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import type { FormEventHandler, ReactNode } from "react";

interface DialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  size?: "md" | "lg";
  /** A form, which begins anew each time the dialog opens. */
  children: ReactNode;
}

/** A form over the page that it belongs to. */
export function FormDialog({ title, opened, onClose, size = "md", children }: DialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={size}
      title={
        <Text component="span" fw={620} fz="lg">
          {title}
        </Text>
      }
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {children}
    </Modal>
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

/** A dialog's fields, what was wrong, and its two buttons. */
export function DialogForm({
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
          <Alert color="red" variant="light" icon={<TriangleAlertIcon />} role="alert">
            {problem}
          </Alert>
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
