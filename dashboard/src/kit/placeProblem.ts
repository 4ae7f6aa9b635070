import { asProblem } from "@/api/problem";

interface Form {
  getValues: () => object;
  setFieldError: (path: never, error: string) => void;
}

/** Put a refusal at the field that it names. Answers what belongs to no field, to be shown above the form. */
export function placeProblem(form: Form, error: unknown): string | null {
  const problem = asProblem(error);
  if (problem.param === null || !(problem.param in form.getValues())) return problem.message;
  form.setFieldError(problem.param as never, withoutName(problem.message, problem.param));
  return null;
}

/** What a refusal says of a field, without the API's name of it: `amount_usd must be …` is `Must be …`. */
function withoutName(message: string, name: string): string {
  const rest = [`${name}: `, `${name} `].find((start) => message.startsWith(start));
  const text = message.slice(rest?.length ?? 0);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
