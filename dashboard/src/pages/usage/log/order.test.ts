// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { UsageRecord } from "@/data/usage";
import { nextOrder, sorted } from "./order";

const request = (id: string, latency_ms: number | null, charged_usd: string) =>
  ({ request_id: id, latency_ms, charged_usd }) as UsageRecord;

const LOG = [request("a", 20, "0.000000002"), request("b", null, "0.10"), request("c", 10, "0.000000001")];
const ids = (order: Parameters<typeof sorted>[1]) =>
  sorted(LOG, order, (id) => id).map(({ request_id }) => request_id);

test("what is loaded is sorted either way, with what is not known last", () => {
  expect(ids(null)).toEqual(["a", "b", "c"]);
  expect(ids("latency")).toEqual(["a", "c", "b"]);
  expect(ids("-latency")).toEqual(["c", "a", "b"]);
  expect(ids("cost")).toEqual(["b", "a", "c"]);
});

test("clicks go round", () => {
  expect(nextOrder(null, "cost")).toBe("cost");
  expect(nextOrder("cost", "cost")).toBe("-cost");
  expect(nextOrder("-cost", "cost")).toBeNull();
  expect(nextOrder("-cost", "latency")).toBe("latency");
});
