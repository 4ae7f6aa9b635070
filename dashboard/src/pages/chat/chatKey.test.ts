// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { organisation } from "@/session/organisation";
import { session } from "@/session/session";
import { CHAT_KEY_NAME, chatKey, replaceChatKey } from "./chatKey";

interface Kept {
  id: string;
  name: string;
  state: "active" | "revoked";
  expires_at: null;
  member: string | null;
  service_account: null;
}

const KEY = { name: "", state: "active", expires_at: null, member: null, service_account: null } as const;
const MOST_PROMISED = 8; // as many as the server keeps
const calls: string[] = [];
let keys: Kept[] = [];
let promised = 0; // secrets that still work beside the newest
let terms: unknown;

/** As much of the server as makes keys, lists them and gives them other secrets. */
async function server(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  calls.push(`${request.method} ${pathname}`);
  const body =
    request.method === "POST" ? ((await request.json()) as { name: string; grace_seconds?: number }) : null;
  if (pathname === "/api/keys") {
    if (body === null) {
      const first = Number(searchParams.get("cursor") ?? 0);
      const next = first + Number(searchParams.get("limit"));
      const next_cursor = next < keys.length ? String(next) : null;
      return answer(200, { data: keys.slice(first, next), next_cursor });
    }
    terms = body;
    const member = request.headers.get("x-farebox-org") === null ? null : "u_1";
    keys.unshift({ ...KEY, id: `key_${keys.length + 1}`, name: body.name, member });
    return answer(201, { ...keys[0], key: `secret-${calls.length}` });
  }
  const id = pathname.split("/").at(-2);
  const key = keys.find((each) => each.id === id);
  if (key?.state !== "active") {
    return answer(409, { error: { message: "Revoked.", code: "key_revoked", param: null } });
  }
  if (body?.grace_seconds) {
    if (promised === MOST_PROMISED) {
      return answer(409, { error: { message: "So many work.", code: "too_many_secrets", param: null } });
    }
    promised++;
  }
  terms = body;
  return answer(200, { ...key, key: `secret-${calls.length}` });
}

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

const signIn = () =>
  session.start({ user: { id: "u_1" }, token: "t", refresh_token: "r", expires_in: 3600 } as never);

beforeEach(() => {
  localStorage.clear();
  organisation.choose(null);
  calls.length = 0;
  keys = [];
  promised = 0;
  vi.stubGlobal("fetch", server);
  signIn();
});

test("a key is made once, and cannot spend without end", async () => {
  const first = await chatKey("u_1");
  expect(await chatKey("u_1")).toBe(first);
  expect(keys).toHaveLength(1);
  expect(terms).toMatchObject({ name: CHAT_KEY_NAME, monthly_budget_usd: "20.00" });
});

test("signing out forgets the secret, and coming back gives the same key a new one", async () => {
  const former = await chatKey("u_1");
  session.end();
  expect(JSON.stringify({ ...localStorage })).not.toContain(former);
  signIn();
  await chatKey("u_1");
  expect(calls.at(-1)).toBe("POST /api/keys/key_1/rotate");
});

test("another browser uses the same key, and the first one's secret works on for a day", async () => {
  await chatKey("u_1");
  localStorage.clear();
  session.end();
  signIn();
  await chatKey("u_1");
  expect(keys).toHaveLength(1);
  expect(terms).toEqual({ grace_seconds: 86_400 });
});

test("however many browsers come within a day, there is one key, and each has a secret", async () => {
  const secrets = new Set<string>();
  for (let browser = 0; browser < 12; browser++) {
    localStorage.clear();
    session.end();
    signIn();
    secrets.add(await chatKey("u_1"));
  }
  expect(keys).toHaveLength(1);
  expect(secrets.size).toBe(12);
  expect(terms, "whoever came before asks for another").toEqual({ grace_seconds: 0 });
});

test("the key is found however many others were made after it", async () => {
  await chatKey("u_1");
  keys.unshift(...Array.from({ length: 450 }, (_, index) => ({ ...KEY, id: `other_${index}` })));
  localStorage.clear();
  await chatKey("u_1");
  expect(keys.filter(({ name }) => name === CHAT_KEY_NAME)).toHaveLength(1);
});

test("a refusal that says nothing of the key makes no second one", async () => {
  await chatKey("u_1");
  localStorage.clear();
  vi.stubGlobal("fetch", async (request: Request) =>
    request.url.endsWith("/rotate")
      ? answer(409, { error: { message: "Try again.", code: "in_progress", param: null } })
      : server(request),
  );
  await expect(chatKey("u_1")).rejects.toThrow("Try again.");
  expect(keys).toHaveLength(1);
});

test("keys of other names are nobody's but the person's", async () => {
  keys = [
    { id: "key_0", name: "Website", state: "active", expires_at: null, member: null, service_account: null },
  ];
  await chatKey("u_1");
  expect(calls).toEqual(["GET /api/keys", "POST /api/keys"]);
});

test("a key that was revoked meanwhile is followed by a new one", async () => {
  const refused = await chatKey("u_1");
  keys = keys.map((key) => ({ ...key, state: "revoked" }));
  expect(await replaceChatKey("u_1", refused)).not.toBe(refused);
  expect(calls.at(-1)).toBe("POST /api/keys");
});

test("a secret that is refused, since other browsers came after it, is replaced by one of the same key", async () => {
  const refused = await chatKey("u_1");
  expect(await replaceChatKey("u_1", refused)).not.toBe(refused);
  expect(keys).toHaveLength(1);
});

test("each organisation has a key of its own, and nobody takes another member's", async () => {
  const own = await chatKey("u_1");
  organisation.choose("org_1");
  keys = [{ ...KEY, id: "key_9", name: CHAT_KEY_NAME, member: "u_2" }];
  const theirs = await chatKey("u_1");
  expect(theirs).not.toBe(own);
  expect(keys.map(({ member }) => member)).toEqual(["u_1", "u_2"]);
  expect(calls.filter((call) => call.endsWith("/rotate"))).toEqual([]);
  organisation.choose(null);
  expect(await chatKey("u_1")).toBe(own);
});
