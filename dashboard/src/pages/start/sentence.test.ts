import { expect, test } from "vitest";
import { asSentence } from "./sentence";

test("a reason of the log reads as a sentence, and one that is a sentence stays as it is", () => {
  expect(asSentence("the upstream refused the request")).toBe("The upstream refused the request.");
  expect(asSentence("It was slow.")).toBe("It was slow.");
});
