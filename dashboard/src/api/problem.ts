import { t } from "@lingui/core/macro";

/** A refusal of the API, or a failure to reach it: `message` is for people, in the page's language. */
export class Problem extends Error {
  constructor(
    /** The API's own, in English, or the page's where the API did not answer. */
    readonly words: string,
    readonly status: number,
    readonly code: string,
    /** The field at fault, as the request names it. */
    readonly param: string | null = null,
    readonly requestId: string | null = null,
    /** What is to be said of the code and such words. */
    private readonly say: Say = (_code, words) => words,
  ) {
    super(say(code, words));
    this.name = "Problem";
  }

  /** Its message, had the API told it in these words. */
  inWords(words: string): string {
    return this.say(this.code, words);
  }
}

type Say = (code: string, words: string) => string;

/** What says refusals in the page's language: it loads once one is to be said. Until it can be had, they are said in the
 * API's own words. */
export function refusals(): Promise<Say | undefined> {
  return import("@/api/refusals").then(
    ({ sayRefusal }) => sayRefusal,
    () => undefined,
  );
}

/** The problem in an answer that is not 2xx. `body` is what was read of it, if that was JSON. */
export async function problemOf(response: Response, body: unknown): Promise<Problem> {
  const requestId = response.headers.get("x-request-id");
  const told = isErrorBody(body) ? body.error : null;
  if (told === null) {
    return new Problem(
      t`The server answered ${{ status: response.status }}. Try again.`,
      response.status,
      "error",
      null,
      requestId,
    );
  }
  return new Problem(told.message, response.status, told.code, told.param, requestId, await refusals());
}

/** Why an answer is one of refusal, in a word; `null` where it does not say. */
export function codeOf(body: unknown): string | null {
  return isErrorBody(body) ? body.error.code : null;
}

export function unreachable(): Problem {
  return new Problem(t`The server cannot be reached. Check your connection and try again.`, 0, "unreachable");
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(t`Something went wrong in this page. Reload it and try again.`, 0, "page_error");
}

interface ErrorBody {
  error: { message: string; code: string; param: string | null };
}

function isErrorBody(body: unknown): body is ErrorBody {
  const error = (body as ErrorBody | null | undefined)?.error;
  return typeof error?.message === "string" && typeof error.code === "string";
}
