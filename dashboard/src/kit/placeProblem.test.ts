import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { placeProblem } from "./placeProblem";
import { isCharge } from "./UsdInput";

const INPUT = {} as HTMLElement;

/** What a form shows of a refusal: at the field, and above. */
function shown(message: string, param: string | null) {
  const atField: Record<string, string> = {};
  const form = {
    getInputNode: (path: string) => {
      if (path.includes('"')) throw new SyntaxError(path); // it looks by a selector
      return path === "amount_usd" || path === "rows.0.usd" ? INPUT : null;
    },
    setFieldError: (path: never, error: string) => {
      atField[path] = error;
    },
  };
  const placeOf = (param: string) => (param === "rows[1].usd" ? "rows.0.usd" : param);
  const above = placeProblem(form, new Problem(message, 400, "invalid_value", param), placeOf);
  return { atField: atField.amount_usd ?? atField["rows.0.usd"] ?? null, above };
}

test.each([
  ["amount_usd: write an amount.", "Write an amount."],
  ["amount_usd must be in whole cents.", "Must be in whole cents."],
  ["The price of echo: amount_usd: write an amount.", "Write an amount."],
  ["This card takes no amount_usd now.", "This card takes no amount_usd now."],
])("of %j the field says %j: nobody reads a name of the API's", (message, atField) => {
  expect(shown(message, "amount_usd")).toEqual({ atField, above: null });
});

test.each(["plan", "rows", "rows[0].usd", 'a"]b', null])(
  "what no input is there for is said above the form, whole: %s",
  (param) => {
    expect(shown("plan must be one.", param)).toEqual({ atField: null, above: "plan must be one." });
  },
);

test("what the form has elsewhere than the API is said where the form has it", () => {
  const message = "The price of echo: rows[1].usd: it is too much.";
  expect(shown(message, "rows[1].usd")).toEqual({ atField: "It is too much.", above: null });
});

test.each([
  ["4.99", true],
  ["25", true],
  ["5.001", false],
  ["five", false],
])("whether a card can be charged %j: %j", (typed, isOne) => {
  expect(isCharge(typed) === null).toBe(isOne);
});
