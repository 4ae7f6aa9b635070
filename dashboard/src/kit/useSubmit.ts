import { useState } from "react";
import { placeProblem } from "./placeProblem";

/** Sends a form once at a time. What goes wrong lands at its field, or in `problem` where it belongs to none. */
export function useSubmit<Values>(
  form: Parameters<typeof placeProblem>[0],
  send: (values: Values) => Promise<void>,
) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const submit = async (values: Values) => {
    setProblem(null);
    setSending(true);
    try {
      await send(values);
    } catch (error) {
      setProblem(placeProblem(form, error));
    } finally {
      setSending(false);
    }
  };
  return { submit, problem, isSending };
}
