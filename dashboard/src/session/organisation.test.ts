// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { api, unwrap } from "@/api/client";
import { queriesOf } from "@/app/queries";
import { organisation } from "./organisation";
import { session } from "./session";

const asked: (string | null)[] = [];

async function server(request: Request): Promise<Response> {
  asked.push(request.headers.get("x-farebox-org"));
  return new Response("{}", { headers: { "content-type": "application/json" } });
}

const signIn = (id: string) =>
  session.start({ user: { id }, token: "t", refresh_token: "r", expires_in: 3600 } as never);

beforeEach(() => {
  session.end();
  localStorage.clear();
  sessionStorage.clear();
  asked.length = 0;
  vi.stubGlobal("fetch", server);
  signIn("u_1");
});

test("calls work on one's own organisation until another is chosen, and on that one then", async () => {
  await unwrap(api().GET("/api/wallet"));
  organisation.choose("org_1");
  await unwrap(api().GET("/api/wallet"));
  organisation.choose(null);
  await unwrap(api().GET("/api/wallet"));
  expect(asked).toEqual([null, "org_1", null]);
});

test("a choice survives signing out, and is nobody else's", () => {
  organisation.choose("org_1");
  session.end();
  expect(organisation.id()).toBeNull();
  signIn("u_2");
  expect(organisation.id()).toBeNull();
  signIn("u_1");
  expect(organisation.id()).toBe("org_1");
});

test("a tab keeps its own choice, and a new tab begins with the latest", () => {
  organisation.choose("org_1");
  localStorage.setItem("farebox.organisation.u_1", "org_2"); // another tab's choice
  session.end();
  signIn("u_1");
  expect(organisation.id()).toBe("org_1");
  session.end();
  sessionStorage.clear();
  signIn("u_1");
  expect(organisation.id()).toBe("org_2");
});

test("another organisation shows nothing that was known of the former one, but who one is", () => {
  const own = queriesOf(null);
  own.setQueryData(["me"], { id: "u_1" });
  own.setQueryData(["wallet"], { balance_usd: "5.00" });
  const other = queriesOf("org_1");
  expect(other.getQueryData(["me"])).toEqual({ id: "u_1" });
  expect(other.getQueryData(["wallet"])).toBeUndefined();
  own.setQueryData(["wallet"], { balance_usd: "4.00" }); // an answer that was on its way
  expect(queriesOf("org_1").getQueryData(["wallet"])).toBeUndefined();
});
