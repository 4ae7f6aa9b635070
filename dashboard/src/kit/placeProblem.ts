import { asProblem } from "@/api/problem";

interface Form {
  getValues: () => object;
  setFieldError: (path: never, error: string) => void;
}

/** Put a refusal at the field that it names. Answers what belongs to no field, to be shown above the form. */
export function placeProblem(form: Form, error: unknown): string | null {
  const problem = asProblem(error);
  if (problem.param === null || !(problem.param in form.getValues())) return problem.message;
  const text = problem.message.replace(`${problem.param}: `, "");
  form.setFieldError(problem.param as never, text.charAt(0).toUpperCase() + text.slice(1));
  return null;
}
