import { Alert, Modal } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import { FormBody, type FormProps } from "./FormBody";
import { Unspaced } from "./Unspaced";

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
    <Modal opened={opened} onClose={onClose} size={size} title={<Unspaced text={title} />}>
      {children}
    </Modal>
  );
}

/** A dialog's fields, what was wrong, and its two buttons. */
export function DialogForm(form: FormProps) {
  const tell = (problem: string) => (
    <Alert color="red" variant="light" icon={<TriangleAlertIcon />} role="alert">
      {problem}
    </Alert>
  );
  return <FormBody {...form} tell={tell} />;
}
