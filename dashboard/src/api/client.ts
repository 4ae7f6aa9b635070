import { t } from "@lingui/core/macro";
import createClient from "openapi-fetch";
import { organisation } from "@/session/organisation";
import { seeing } from "@/session/seeing";
import { session } from "@/session/session";
import { stepUp } from "@/session/stepUp";
import { codeOf, Problem } from "./problem";
import type { paths } from "./schema";
import { base, reach } from "./transport";

export { base, openApi, type Schema, unwrap } from "./transport";

/** The API for the signed-in person, typed from the server's own document. */
export function api() {
  return createClient<paths>({ baseUrl: base(), fetch: fetchSignedIn });
}

/**
 * `fetch` as the signed-in person, for the organisation that the tab works on: bears the access token, renews it when it is about to end or was refused, and tries
 * that once. Streams pass through untouched. A person whose session is over is signed out.
 */
export async function fetchSignedIn(request: Request): Promise<Response> {
  const token = await session.token();
  if (token === null) throw new Problem(t`Your session has ended. Sign in again.`, 401, "invalid_token");
  const org = organisation.id();
  if (org !== null) request.headers.set("x-farebox-org", org);
  const sight = seeing.sight();
  if (sight !== null) request.headers.set("x-farebox-see-as", sight.pass);
  const again = request.clone(); // a body can be sent once
  const afterFactor = request.clone();
  const answer = await send(request, token);
  const refused = answer.status === 403 ? codeOf(await bodyOf(answer)) : null;
  if (refused === "view_ended") seeing.end();
  if (refused === "second_factor_required" && (await stepUp(token))) return send(afterFactor, token);
  if (answer.status !== 401) return answer;
  const renewed = await session.renew(token);
  return renewed === null ? answer : send(again, renewed);
}

/** What an answer says, for a look that leaves it to be read. */
function bodyOf(answer: Response): Promise<unknown> {
  return answer
    .clone()
    .json()
    .catch(() => null);
}

function send(request: Request, token: string): Promise<Response> {
  request.headers.set("authorization", `Bearer ${token}`);
  return reach(request);
}
