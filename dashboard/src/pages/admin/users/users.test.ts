// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { isGone, nameOf, sayCount } from "./users";

test("an organisation is called by its name, a person by their address, and nobody by nothing", () => {
  expect(nameOf({ id: "org_1", email: "", full_name: "Bäckerei Müller" })).toBe("Bäckerei Müller");
  expect(nameOf({ id: "u_1", email: "ada@example.com", full_name: "Ada" })).toBe("ada@example.com");
  expect(nameOf({ id: "u_2", email: "", full_name: null })).toBe("u_2");
});

test("who is suspended can be restored; who is erased or closed is gone for good", () => {
  expect(isGone({ status: "suspended", closed_at: null })).toBe(false);
  expect(isGone({ status: "suspended", closed_at: "2026-11-29T08:00:00Z" })).toBe(true);
  expect(isGone({ status: "erased", closed_at: null })).toBe(true);
});

test("where nobody is found it says so, and whether everybody was looked through", () => {
  expect(sayCount({ count: 0, is_exact: true })).toBe("Nobody found");
  expect(sayCount({ count: 0, is_exact: false })).toBe("Nobody found so far");
  expect(sayCount({ count: 1234, is_exact: true })).toBe("1,234 found");
  expect(sayCount({ count: 1234, is_exact: false })).toBe("At least 1,234 found");
});
