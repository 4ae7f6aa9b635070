import { t } from "@lingui/core/macro";
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { FormBody, type FormProps } from "@/kit/FormBody";
import { Unspaced } from "@/kit/Unspaced";
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
      title={<Unspaced text={title} />}
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      classNames={{ title: classes.title, header: classes.header, content: classes.content }}
    >
      {children}
    </Drawer>
  );
}

/** A form's fields, what was wrong, and its two buttons. */
export function SheetForm(form: FormProps) {
  const tell = (problem: string) => (
    <Notice tone="bad" title={t`That was refused`}>
      {problem}
    </Notice>
  );
  return <FormBody {...form} tell={tell} />;
}
