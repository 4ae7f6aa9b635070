// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { session } from "@/session/session";
import { chatKey, replaceChatKey } from "./chatKey";

const calls: string[] = [];
let isRevoked = false;

async function server(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  calls.push(`${request.method} ${pathname}`);
  if (pathname.endsWith("/rotate") && isRevoked) {
    const error = { message: "Revoked.", code: "key_revoked", param: null };
    return new Response(JSON.stringify({ error }), { status: 409 });
  }
  const made = { id: "key_1", key: `secret-${calls.length}` };
  return new Response(JSON.stringify(made), { headers: { "content-type": "application/json" } });
}

const signIn = () =>
  session.start({ user: { id: "u_1" }, token: "t", refresh_token: "r", expires_in: 3600 } as never);

beforeEach(() => {
  localStorage.clear();
  calls.length = 0;
  isRevoked = false;
  vi.stubGlobal("fetch", server);
  signIn();
});

test("a key is made once", async () => {
  const first = await chatKey("u_1");
  expect(await chatKey("u_1")).toBe(first);
  expect(calls).toEqual(["POST /api/keys"]);
});

test("signing out forgets the secret, and coming back gives the same key a new one", async () => {
  const former = await chatKey("u_1");
  session.end();
  expect(JSON.stringify({ ...localStorage })).not.toContain(former);
  signIn();
  await chatKey("u_1");
  expect(calls).toEqual(["POST /api/keys", "POST /api/keys/key_1/rotate"]);
});

test("a key that was revoked meanwhile is followed by a new one", async () => {
  await chatKey("u_1");
  session.end();
  signIn();
  isRevoked = true;
  await chatKey("u_1");
  expect(calls.at(-1)).toBe("POST /api/keys");
});

test("a refused key is replaced, and never touched: somebody may have given it another secret", async () => {
  const refused = await chatKey("u_1");
  expect(await replaceChatKey("u_1", refused)).not.toBe(refused);
  expect(calls).toEqual(["POST /api/keys", "POST /api/keys"]);
});
