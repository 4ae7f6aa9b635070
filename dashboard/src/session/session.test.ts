// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { api, unwrap } from "@/api/client";
import { safeReturn } from "./returnTo";
import { session } from "./session";

const USER = { id: "u_1" };
const renewals: string[] = [];
let good = "";

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

async function server(request: Request): Promise<Response> {
  if (request.url.endsWith("/api/auth/refresh")) {
    renewals.push(((await request.json()) as { refresh_token: string }).refresh_token);
    if (good === "") return answer(401, { error: { message: "Ended.", code: "invalid_token", param: null } });
    return answer(200, { user: USER, token: good, refresh_token: `r${renewals.length}`, expires_in: 3600 });
  }
  const isGood = request.headers.get("authorization") === `Bearer ${good}`;
  return isGood
    ? answer(200, { id: "u_1" })
    : answer(401, { error: { message: "No.", code: "invalid_token", param: null } });
}

function signIn(expiresIn: number): void {
  session.start({ user: USER, token: "old", refresh_token: "r0", expires_in: expiresIn } as never);
}

beforeEach(() => {
  renewals.length = 0;
  good = "new";
  vi.stubGlobal("fetch", server);
  session.end();
});

const readMe = () => unwrap(api().GET("/api/auth/me"));

test("calls that are refused at once share one renewal, and are sent again", async () => {
  signIn(3600);
  await Promise.all([readMe(), readMe(), readMe()]);
  expect(renewals).toEqual(["r0"]);
  expect(localStorage.getItem("farebox.session")).toContain("r1");
});

test("a renewal whose page was left before its answer came is the same renewal on the next page", async () => {
  const trades: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (!request.url.endsWith("/api/auth/refresh")) return server(request);
    trades.push(request.headers.get("idempotency-key"));
    if (trades.length === 1) throw new TypeError("The page has gone.");
    return server(request);
  });
  signIn(30);
  await expect(readMe()).rejects.toThrow();
  await readMe();
  signIn(30);
  await readMe();
  expect(trades[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(trades[1]).toBe(trades[0]);
  expect(trades[2]).not.toBe(trades[0]);
});

test("a token that is about to end is renewed before it is used", async () => {
  signIn(30);
  await readMe();
  expect(renewals).toEqual(["r0"]);
});

test("a session that the server has ended waits for its person, and no token is stored anywhere", async () => {
  signIn(3600);
  expect(localStorage.getItem("farebox.session")).not.toContain("old");
  good = "";
  await expect(readMe()).rejects.toMatchObject({ status: 401 });
  expect(session.state()).toBe("expired");
  expect(localStorage.getItem("farebox.session")).toBeNull();
  await expect(readMe()).rejects.toMatchObject({ status: 401 });
  expect(session.state()).toBe("expired");
  good = "again";
  session.start({ user: USER, token: "again", refresh_token: "r9", expires_in: 3600 } as never);
  await readMe();
  expect(session.state()).toBe("signed-in");
});

test("a page that nobody has used yet begins with signing in where its session has ended", async () => {
  signIn(3600);
  const kept = localStorage.getItem("farebox.session");
  session.end();
  localStorage.setItem("farebox.session", kept ?? "");
  good = "";
  await session.restore();
  expect(session.state()).toBe("signed-out");
});

test("what the server ended in one tab waits in the others, and signing in there goes on here", async () => {
  signIn(3600);
  localStorage.setItem("farebox.session.expired", "yes");
  localStorage.removeItem("farebox.session");
  window.dispatchEvent(new StorageEvent("storage", { key: "farebox.session" }));
  expect(session.state()).toBe("expired");
  localStorage.setItem("farebox.session", JSON.stringify({ user: USER.id, refreshToken: "r8" }));
  window.dispatchEvent(new StorageEvent("storage", { key: "farebox.session" }));
  await vi.waitFor(() => expect(session.state()).toBe("signed-in"));
  expect(renewals).toEqual(["r8"]);
});

test("signing out in another tab signs out here", () => {
  signIn(3600);
  localStorage.removeItem("farebox.session");
  window.dispatchEvent(new StorageEvent("storage", { key: "farebox.session" }));
  expect(session.state()).toBe("signed-out");
});

test.each([
  ["/keys?x=1", "/keys?x=1"],
  [null, "/"],
  ["https://evil.example/", "/"],
  ["//evil.example/", "/"],
  ["/\\evil.example/", "/"],
])("signing in leads to %s as %s", (given, path) => expect(safeReturn(given)).toBe(path));
