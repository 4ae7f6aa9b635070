import { expect, test } from "vitest";
import { closest, looksLikeName, looksLikeRequest, looksLikeUser } from "./looks";

test("nothing is asked for before a name or an id may have been meant", () => {
  expect(["", "g", "gp"].map(looksLikeName)).toEqual([false, false, true]);
  for (const id of ["req_4f9aQ01z", "3f2c9a3e-2b61-4a52-8f6d-0c9f1f0b7f11", "nightly-batch"]) {
    expect(looksLikeRequest(id)).toBe(true);
  }
  for (const text of ["overview", "organisation", "usage of models 2", "gpt-4o", "ada@example.com"]) {
    expect(looksLikeRequest(text)).toBe(false);
  }
  expect(looksLikeUser("u3kf9Qm2Xv7Lw1Zb8Rt4c")).toBe(true);
  expect(looksLikeUser("ada@example.com")).toBe(false);
});

test("of many, those are told first that begin with what is typed", () => {
  const names = ["my-gpt", "other", "GPT-5", "gpt-4"];
  expect(closest(names, "gpt", (name) => name, 2)).toEqual(["GPT-5", "gpt-4"]);
  expect(closest(names, "gpt", (name) => name, 9)).toEqual(["GPT-5", "gpt-4", "my-gpt"]);
});
