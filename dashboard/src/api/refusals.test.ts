import { expect, test } from "vitest";
import { problemOf } from "./problem";
import { sayCode, sayRefusal } from "./refusals";

const IN_BRACKETS = "A key is a member's or a service account's. Name one of them.";

test.each([
  ["email_taken", "This e-mail address has an account.", "This e-mail address has an account."],
  [
    "already_subscribed",
    "You have a plan. POST /api/wallet/portal opens its page.",
    "There is a plan already. Change or cancel that under Billing.",
  ],
  ["of_tomorrow", "See GET /v1/models.", "See GET /v1/models."],
])("in English %s is told in the API's words, unless they are for programs", async (code, words, said) => {
  expect(sayRefusal(code, words, true)).toBe(said);
  const problem = await problemOf(new Response(null, { status: 409 }), {
    error: { message: words, code, param: null },
  });
  expect(problem.message).toBe(said);
  expect(problem.inWords(words)).toBe(said);
});

test.each([
  ["no_customer", "Nothing was paid.", "Nothing was paid yet, so there is nothing to manage. Top up first."],
  ["invalid_value", IN_BRACKETS, `This value does not fit (${IN_BRACKETS})`],
  [
    "invalid_value",
    "amount_usd must be from $1.00 to $1,500.00 USD.",
    "Write an amount from $1.00 to $1,500.00.",
  ],
  ["invalid_value", "rpm: input should be greater than or equal to 1.", "Write 1 or more."],
  ["invalid_value", "name: string should have at most 100 characters.", "Write at most 100 characters."],
  [
    "invalid_value",
    "models: list should have at most 100 items after validation, not 101.",
    "Choose at most 100.",
  ],
  [
    "invalid_type",
    "rpm: input should be a valid integer, unable to parse string as an integer.",
    "Write a whole number.",
  ],
  ["invalid_value", "expires_at lies in the past. Choose a later moment.", "Choose a later time."],
  [
    "invalid_value",
    "A wallet holds at most 1000000000.00 USD.",
    "Write an amount of at most $1,000,000,000.00.",
  ],
  ["missing_field", "name is missing from the body. Add it.", "Something is missing."],
  ["of_tomorrow", "It is not yet.", "It is not yet."],
  ["constructor", "A name of JavaScript's.", "A name of JavaScript's."],
])("in another language %s is told by its code, with what the API alone knows of it", (code, words, said) => {
  expect(sayRefusal(code, words, false)).toBe(said);
});

test("a code without words says what it means and what it is, and one of tomorrow what it is", () => {
  expect(sayCode("upstream_timeout")).toBe(
    "The model's server took too long. Try again, or choose another model (upstream_timeout).",
  );
  expect(sayCode("invalid_body")).toBe("The request could not be read (invalid_body).");
  expect(sayCode("of_tomorrow")).toBe("of_tomorrow");
});
