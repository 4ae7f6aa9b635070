import { expect, test } from "vitest";
import { problemOf } from "./problem";
import { sayRefusal } from "./refusals";

const IN_BRACKETS = "amount_usd must be from $1.00 to $500.00 USD.";

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
  ["of_tomorrow", "It is not yet.", "It is not yet."],
  ["constructor", "A name of JavaScript's.", "A name of JavaScript's."],
])("in another language %s is told by its code, with what the API alone knows of it", (code, words, said) => {
  expect(sayRefusal(code, words, false)).toBe(said);
});
