import { useState } from "react";
import { placeProblem } from "./placeProblem";

/** Sends a form once at a time. What goes wrong lands at its field, or in `problem` where none is shown for it.
 * `placeOf` tells the path in the form of what the API names, where it is another. */
export function useSubmit<Values>(
  form: Parameters<typeof placeProblem>[0],
  send: (values: Values) => Promise<void>,
  placeOf?: (param: string, values: Values) => string,
) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const submit = async (values: Values) => {
    setProblem(null);
    setSending(true);
    try {
      await send(values);
    } catch (error) {
      setProblem(placeProblem(form, error, placeOf && ((param) => placeOf(param, values))));
    } finally {
      setSending(false);
    }
  };
  return { submit, problem, isSending };
}
