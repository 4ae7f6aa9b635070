import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { placeProblem } from "./placeProblem";
import { isCharge } from "./UsdInput";

/** What a form shows of a refusal: at the field, and above. */
function shown(message: string, param: string | null) {
  const atField: Record<string, string> = {};
  const form = {
    getValues: () => ({ amount_usd: "" }),
    setFieldError: (path: never, error: string) => {
      atField[path] = error;
    },
  };
  const above = placeProblem(form, new Problem(message, 400, "invalid_value", param));
  return { atField: atField.amount_usd ?? null, above };
}

test.each([
  ["amount_usd: write an amount.", "Write an amount."],
  ["amount_usd must be in whole cents.", "Must be in whole cents."],
  ["This card takes no amount_usd now.", "This card takes no amount_usd now."],
])("of %j the field says %j: nobody reads a name of the API's", (message, atField) => {
  expect(shown(message, "amount_usd")).toEqual({ atField, above: null });
});

test("what belongs to no field is said above the form, whole", () => {
  expect(shown("plan must be one.", "plan")).toEqual({ atField: null, above: "plan must be one." });
});

test.each([
  ["4.99", true],
  ["25", true],
  ["5.001", false],
  ["five", false],
])("whether a card can be charged %j: %j", (typed, isOne) => {
  expect(isCharge(typed) === null).toBe(isOne);
});
