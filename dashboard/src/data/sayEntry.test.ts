import { expect, test } from "vitest";
import { sayEntry } from "./sayEntry";

test.each([
  ["Welcome credit"],
  ["Refunded or charged back"],
  ["1 request"],
  ["12 requests"],
  ["1 request, metered"],
  ["Bonus of package medium"],
  ["Credit of plan team"],
  ["Credit of plan team for 2026-11"],
  ["Credit of plan team for its trial"],
  ["Credit of plan team, month 2 of 12"],
  ["Sorry for Monday: 12 requests"],
  ["toString"],
])("in English the ledger says %j as it is written", (written) => {
  expect(sayEntry(written)).toBe(written);
});
