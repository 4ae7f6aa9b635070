import createClient from "openapi-fetch";
import { config } from "./config";
import { problemOf, unreachable } from "./problem";
import type { components, paths } from "./schema";

/** A type of the API by its name in `/openapi.json`: `Schema<"WalletAnswer">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** The API for those who are not signed in, or who bear an API key in a header of their own. */
export function openApi() {
  return createClient<paths>({ baseUrl: base(), fetch: reach });
}

/** `fetch` that throws a `Problem` where there is no answer at all. What was aborted stays an `AbortError`. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

/** The API's origin. */
export function base(): string {
  return config().apiBase || window.location.origin;
}

/** The body of an answer. Throws a `Problem` for every answer that is not 2xx: `await unwrap(api().GET("/api/wallet"))`. */
export async function unwrap<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw await problemOf(response, error);
  return data as T;
}
