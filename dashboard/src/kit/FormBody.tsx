import { t } from "@lingui/core/macro";
import { Button, Group, Stack } from "@mantine/core";
import type { FormEventHandler, ReactNode } from "react";

export interface FormProps {
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

interface Props extends FormProps {
  /** How a refusal is told. */
  tell: (problem: string) => ReactNode;
}

/** A form's fields, what was wrong, and its two buttons. */
export function FormBody({
  onSubmit,
  problem,
  isSending,
  action,
  danger = false,
  onCancel,
  children,
  tell,
}: Props) {
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {children}
        {problem !== null && tell(problem)}
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
