import { expect, test } from "vitest";
import { whyNotInvite } from "./invited";

const MEMBERS = { pages: [{ data: [] }, { data: [{ email: "ada@example.com" }] }] };
const WAITING = { pages: [{ data: [{ email: "eve@example.com", expires_at: "2026-12-01T00:00:00Z" }] }] };
const BEFORE = Date.parse("2026-11-30T00:00:00Z");
const AFTER = Date.parse("2026-12-02T00:00:00Z");

test("who belongs, or has a mail that works, is not invited again, in whatever case the address is written", () => {
  expect(whyNotInvite(" Ada@Example.com ", MEMBERS, WAITING, BEFORE)).toMatch(/belong/);
  expect(whyNotInvite("EVE@example.com", MEMBERS, WAITING, BEFORE)).toMatch(/invited already/);
  expect(whyNotInvite("eve@example.com", MEMBERS, WAITING, AFTER)).toBeNull();
  expect(whyNotInvite("new@example.com", MEMBERS, WAITING, BEFORE)).toBeNull();
  expect(whyNotInvite("new@example.com", undefined, undefined, BEFORE)).toBeNull();
});
