import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { dialogs } from "./dialogs";
import { Unspaced } from "./Unspaced";

interface Question {
  title: string;
  /** What will happen, and whether it can be undone. */
  children: ReactNode;
  /** The verb on the button: "Revoke key", never "OK". */
  action: string;
  /** It takes something away. */
  danger?: boolean;
}

/** Ask before something that matters: `if (await confirm({...})) ...`. */
export async function confirm({ title, children, action, danger = false }: Question): Promise<boolean> {
  const modals = await dialogs();
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title: <Unspaced text={title} />,
      children: (
        <Text size="sm" component="div">
          {children}
        </Text>
      ),
      labels: { confirm: action, cancel: t`Cancel` },
      confirmProps: danger ? { color: "red.8" } : {},
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false), // after a confirmation it changes nothing
    });
  });
}
