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

const AT_FIRST = { "data-autofocus": true };

let isAsking = false;

/** Ask before something that matters: `if (await confirm({...})) ...`. What is asked twice, by two clicks before the dialog
 * is there, is asked once: the second is answered with no. */
export async function confirm(question: Question): Promise<boolean> {
  if (isAsking) return false;
  isAsking = true;
  try {
    return await ask(question);
  } finally {
    isAsking = false;
  }
}

async function ask({ title, children, action, danger = false }: Question): Promise<boolean> {
  const modals = await dialogs();
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title: <Unspaced text={title} />,
      children: (
        <Text size="sm" component="div">
          {typeof children === "string" ? <Unspaced text={children} /> : children}
        </Text>
      ),
      labels: { confirm: action, cancel: t`Cancel` },
      // A key too many takes nothing away.
      confirmProps: danger ? { color: "red.8" } : AT_FIRST,
      cancelProps: danger ? AT_FIRST : {},
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false), // after a confirmation it changes nothing
    });
  });
}
