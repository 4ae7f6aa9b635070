import { expect, test } from "vitest";
import { sayFound } from "./parts";

test.each([
  "the sandbox, which takes no money",
  "open, without a captcha, with welcome credit",
  "none for gpt-4o, o3",
  "not run of late: sweep-leases",
  "stripe, without its keys",
  "firestore://project/database",
  "constructor",
])("in English it is said as it was found: %s", (found) => {
  expect(sayFound(found)).toBe(found);
});
