import { expect, test } from "vitest";
import { formatDate } from "@/kit/dates";
import { whatComesAndGoes } from "./lapsing";

test("what lapses on one day is told as one sum, whatever of it there is and whatever lapses later", () => {
  const expiring = [
    { left_usd: "4.99", expires_at: "2026-12-01T00:00:00Z" },
    { left_usd: "0.02", expires_at: "2026-12-01T00:00:00Z" },
    { left_usd: "7.00", expires_at: "2026-12-01T09:00:00Z" },
    { left_usd: "50.00", expires_at: "2027-01-01T00:00:00Z" },
  ];
  const day = formatDate("2026-12-01T00:00:00Z", "UTC");
  expect(whatComesAndGoes({ pending_usd: "0.00", expiring }, "UTC")).toBe(`$12.01 of it lapses on ${day}`);
});
