import { expect, test } from "vitest";
import type { UsageRecord } from "@/data/usage";
import { merged } from "./merge";

const request = (request_id: string, status: string) =>
  ({ request_id, created_at: "at", status }) as UsageRecord;

test("a request that was running is there once, as it ended", () => {
  const loaded = [request("b", "pending"), request("a", "ok")];
  expect(merged([request("c", "pending"), request("b", "ok")], loaded)).toEqual([
    request("c", "pending"),
    request("b", "ok"),
    request("a", "ok"),
  ]);
  expect(merged([], loaded)).toBe(loaded);
});
