// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { api } from "@/api/client";
import { queriesOf } from "@/app/queries";
import { organisation } from "./organisation";
import { seeing } from "./seeing";
import { session } from "./session";

const asked: string[] = [];
let answer = () => new Response("{}", { headers: { "content-type": "application/json" } });

async function server(request: Request): Promise<Response> {
  const { headers } = request;
  asked.push(`${headers.get("x-farebox-see-as")} in ${headers.get("x-farebox-org")}`);
  return answer();
}

const sight = () => ({ pass: "p", uid: "u_2", email: "ada@example.com", endsAt: Date.now() + 60_000 });
const look = () => api().GET("/api/wallet");

beforeEach(() => {
  vi.useRealTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", server);
  session.start({ user: { id: "u_1" }, token: "t", refresh_token: "r", expires_in: 3600 } as never);
  organisation.choose("org_1");
});

test("calls show the pass while one sees as somebody else, and work on that one's own organisation", async () => {
  await look();
  seeing.begin(sight());
  await look();
  seeing.end();
  await look();
  expect(asked).toEqual(["null in org_1", "p in null", "null in org_1"]);
});

test("it ends by itself, when the server says that it has, and with the session", async () => {
  vi.useFakeTimers();
  seeing.begin(sight());
  vi.advanceTimersByTime(61_000);
  expect(seeing.sight()).toBeNull();
  vi.useRealTimers();

  seeing.begin(sight());
  answer = () =>
    new Response(JSON.stringify({ error: { message: "over", type: "t", param: null, code: "view_ended" } }), {
      status: 403,
      headers: { "content-type": "application/json" },
    });
  await look();
  expect(seeing.sight()).toBeNull();

  seeing.begin(sight());
  session.end();
  expect(seeing.sight()).toBeNull();
});

test("nothing that was read as one person is shown as another", () => {
  const own = queriesOf(null);
  own.setQueryData(["me"], "root");
  const seen = queriesOf(null, "p");
  expect(seen.getQueryData(["me"])).toBeUndefined();
  expect(queriesOf("org_1", "p").getQueryData(["me"])).toBeUndefined();
});
