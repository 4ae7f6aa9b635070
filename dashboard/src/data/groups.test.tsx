// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { organisation } from "@/session/organisation";
import { session } from "@/session/session";
import { useMemberChoices, useNames } from "./groups";

const MANY = 450;
const RIGHTS = ["members.read", "service_accounts.read"];

/** As much of the server as answers who one is, and long lists of an organisation. */
async function server(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const list = pathname.split("/").at(-1) ?? "";
  if (pathname === "/api/auth/me") return Response.json({ id: "member_7", email: "ada@example.com" });
  if (pathname === "/api/orgs") {
    const here = { id: "org_1", name: "Acme", role: "owner", is_personal: false, rights: RIGHTS };
    return Response.json({ data: [here], next_cursor: null });
  }
  const first = Number(searchParams.get("cursor") ?? 0);
  const next = first + Number(searchParams.get("limit"));
  const one = list.replace(/s$/, "");
  const rows = Array.from({ length: Math.min(next, MANY) - first }, (_, index) => ({
    id: `${one}_${first + index}`,
    name: `${one} ${first + index}`,
    full_name: `Member ${first + index}`,
  }));
  return Response.json({ data: rows, next_cursor: next < MANY ? String(next) : null });
}

test("of an organisation of hundreds every member, project and service account can be chosen", async () => {
  vi.stubGlobal("fetch", server);
  session.start({ user: { id: "member_7" }, token: "t", refresh_token: "r", expires_in: 3600 } as never);
  organisation.choose("org_1");
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => ({ names: useNames(), members: useMemberChoices() }), { wrapper });
  await waitFor(() => expect(result.current.members).toHaveLength(MANY));
  expect(new Set(result.current.members.map(({ id }) => id)).size).toBe(MANY);
  expect(result.current.names.projects).toHaveLength(MANY);
  expect(result.current.names.serviceAccounts).toHaveLength(MANY);
});
