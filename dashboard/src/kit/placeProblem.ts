import { asProblem } from "@/api/problem";

interface Form {
  /** The input that is shown for a value, if there is one. */
  getInputNode: (path: never) => HTMLElement | null;
  setFieldError: (path: never, error: string) => void;
}

const PATH = /^[\w.]+$/; // what is typed as JSON may have any names

/** Put a refusal at the field that it names: `placeOf` says where the form has what the API calls so, where that is
 * not its name. Answers what no field is there for to tell, to be shown above the form. */
export function placeProblem(form: Form, error: unknown, placeOf = (param: string) => param): string | null {
  const problem = asProblem(error);
  const { message, words, param } = problem;
  if (param === null) return message;
  const path = placeOf(param) as never;
  if (!PATH.test(path) || form.getInputNode(path) === null) return message;
  form.setFieldError(path, problem.inWords(withoutName(words, param)));
  return null;
}

/** What a refusal says of a field, without the API's name of it: `amount_usd must be …` is `Must be …`, and so is
 * `The price of echo: amount_usd: must be …`. */
function withoutName(message: string, name: string): string {
  const within = ` ${name}: `;
  const rest = [`${name}: `, `${name} `].find((start) => message.startsWith(start))?.length;
  const found = message.indexOf(within);
  const text = message.slice(rest ?? (found < 0 ? 0 : found + within.length));
  return text.charAt(0).toUpperCase() + text.slice(1);
}
