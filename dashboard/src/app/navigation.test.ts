import { expect, test } from "vitest";
import { itemOf } from "./navigation";

test("who may make no key is not offered what begins with one", () => {
  expect(itemOf("/start")?.right).toBe("keys.change");
  expect(itemOf("/chat/abc")?.right).toBe("keys.change");
  expect(itemOf("/account")).toBeUndefined();
});
