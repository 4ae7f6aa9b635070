import { t } from "@lingui/core/macro";
import { language } from "@/language/language";
import { sayBounds } from "./bounds";

/* What the codes of the API's refusals mean, for whoever reads the page. The API tells each in English, and some of it
 * to programs. A code is in one of the two tables below: a test of the API's own holds that none is missing. */

const FULL = t`There are as many already as there may be. Remove one first.`;

/** What says all that there is to say. */
const WHOLE: Record<string, string> = {
  account_suspended: t`This account is suspended. Ask whoever runs this service.`,
  already_member: t`You belong to this organisation already.`,
  already_redeemed: t`You have redeemed this code: it is good once a person.`,
  already_subscribed: t`There is a plan already. Change or cancel that under Billing.`,
  answer_not_kept: t`The answer was too large to keep. Its receipt has what it cost.`,
  captcha_failed: t`The check that you are a person failed. Do it again.`,
  checkout_open: t`A payment page for a plan is open. Finish it there, or wait until it has expired.`,
  checkout_paid: t`This was paid already. The plan is shown once the payment provider has told of it, mostly within a minute.`,
  content_filter: t`The model's provider refused what was asked.`,
  context_length_exceeded: t`This is longer than the model can read. Send less, or begin anew.`,
  credit_balance_exhausted: t`The balance does not cover this. Add credit first.`,
  credit_left: t`This organisation has credit left. Ask whoever runs this service about it, or give it up.`,
  email_domain_refused: t`Accounts with addresses of this domain cannot be made here.`,
  email_taken: t`This e-mail address has an account. Sign in to it, or reset its password.`,
  email_unverified: t`Confirm your e-mail address first.`,
  expired_api_key: t`This API key has expired. Make a new one.`,
  identity_provider_unavailable: t`The service that knows accounts does not answer. Try again in a minute.`,
  idempotency_mismatch: t`This was sent before, and was something else. Reload the page and try again.`,
  in_progress: t`Something is still under way here. Try again in a minute or two.`,
  internal_error: t`Something went wrong here. Try again; if it stays, report the id of the request.`,
  invalid_api_key: t`This API key is not valid. Check it, or make a new one.`,
  invalid_code: t`This code is not good: mistyped, used up, or over. Check it.`,
  invalid_credentials: t`The e-mail address or the password is wrong.`,
  invalid_cursor: t`This list has changed. Reload the page.`,
  invalid_multiplier: t`Write a factor above 0, of at most 100 and with at most four decimals, such as 1.25.`,
  invalid_second_factor: t`This second factor is not right, or was used before.`,
  invalid_time_zone: t`This is no time zone. Write one such as Europe/Berlin, or UTC.`,
  invalid_token: t`This session or link is over, or is another account's. Sign in to that, or ask for a new mail.`,
  invitation_invalid: t`This invitation is used, expired or for another address.`,
  ip_not_allowed: t`This API key may not be used from this address.`,
  key_budget_exceeded: t`The budget of this key is used up for now.`,
  key_revoked: t`This key is revoked, for good. Make a new one.`,
  last_owner: t`The last owner stays. Make somebody else an owner first.`,
  member_budget_exceeded: t`Your budget in this organisation is used up for this month.`,
  model_not_allowed: t`This key, or its plan, may not use this model.`,
  model_not_found: t`There is no such model here.`,
  no_customer: t`Nothing was paid yet, so there is nothing to manage. Top up first.`,
  no_passkey: t`This account has no passkey. Use a code instead.`,
  no_second_factor: t`This account has no second factor that could be lost.`,
  no_subscription: t`There is no subscription to change. Subscribe to a plan first.`,
  not_found: t`This is not there, or not for you to see.`,
  organisation: t`This is an organisation, and no person.`,
  own_organisation: t`A person's own organisation goes with their account.`,
  payment_pending: t`A payment is on its way. Try again once it has arrived or failed.`,
  payment_provider_unavailable: t`The payment provider does not answer. Nothing was charged; try again in a minute.`,
  plan_active: t`There is a plan, which may be paused. Cancel it first.`,
  project_budget_exceeded: t`The budget of this project is used up for this month.`,
  rate_limit_exceeded: t`Too much at once. Wait a moment, then try again.`,
  read_only: t`You see this account as its owner does, and change nothing of it.`,
  request_timeout: t`What you sent did not arrive in time. Try again.`,
  request_too_large: t`This is more than can be sent at once. Send less.`,
  scope_missing: t`This API key has no scope for this.`,
  second_factor_required: t`This takes a second factor. Show it once more, or set one up in your account.`,
  server_busy: t`The server has no room for this now. Nothing was done; try again in a few seconds.`,
  sign_up_closed: t`An account takes an invitation here. Ask whoever runs this service.`,
  store_unavailable: t`The database does not answer. Try again in a few seconds.`,
  subscription_cancelled: t`The subscription is cancelled and ends before this plan would begin. Keep it first, or subscribe once it has ended.`,
  subscription_not_paid: t`The subscription is not paid. Until it is, no other plan can be chosen.`,
  tenant_budget_exceeded: t`The budget for this month is used up. Ask whoever runs this service.`,
  too_many: FULL,
  too_many_codes: t`One person redeems no more codes than this.`,
  too_many_keys: t`This account has as many keys as it may. Revoke one first.`,
  too_many_members: FULL,
  too_many_organisations: t`One person makes no more organisations than this.`,
  too_many_secrets: t`Several earlier secrets of this key still work. Wait until one ends, or make a new key and revoke this one.`,
  too_many_upstreams: FULL,
  totp_enrolled: t`This account has an app already. Remove that first.`,
  upstream_error: t`The model's server failed. Try again, or choose another model.`,
  upstream_timeout: t`The model's server took too long. Try again, or choose another model.`,
  upstream_unavailable: t`The model's server cannot be reached now. Try again, or choose another model.`,
  user_budget_exceeded: t`The budget is used up for now.`,
  view_ended: t`Your view of this account has ended. Open it again.`,
};

const READ = t`The request could not be read`;
const MISFIT = t`This value does not fit`;

/** What only says of what kind a refusal is: the API's words tell the rest. */
const KINDS: Record<string, string> = {
  address_too_long: READ,
  balance_reserved: t`Requests that are under way hold part of this balance`,
  conflict: t`This collides with what is there already`,
  forbidden: t`You may not do this`,
  headers_too_large: READ,
  invalid_body: READ,
  invalid_idempotency_key: READ,
  invalid_price: t`This price does not fit`,
  invalid_request: READ,
  invalid_type: MISFIT,
  invalid_upstream: t`This upstream does not fit`,
  invalid_value: MISFIT,
  malformed_encoding: READ,
  malformed_json: READ,
  method_not_allowed: READ,
  missing_field: t`Something is missing`,
  price_jump: t`This price would jump tenfold or more`,
  unknown_field: t`This is not known here`,
  unknown_value: t`There is no such choice`,
  unsupported_encoding: READ,
  unsupported_parameter: t`This is not offered here`,
  weak_password: t`This password is too easily guessed`,
};

const OF_VALUES = new Set(["invalid_value", "invalid_type"]);
const FOR_PROGRAMS = /\/(api|v1)\/\w|\b(DELETE|GET|PATCH|POST|PUT) \//;

/** A refusal for whoever reads the page: in English the API's own words, which know most, unless they tell a program what
 * to call. In another language what is known by its code, with the API's words beside what they alone tell. */
export function sayRefusal(code: string, words: string, isEnglish = language === "en"): string {
  const whole = Object.hasOwn(WHOLE, code) ? WHOLE[code] : undefined;
  if (isEnglish) return FOR_PROGRAMS.test(words) ? (whole ?? words) : words;
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (whole !== undefined) return whole;
  if (kind === undefined) return words;
  if (code === "missing_field") return `${kind}.`;
  return (OF_VALUES.has(code) ? sayBounds(words) : null) ?? `${kind} (${words})`;
}

/** What a code means of which no words are kept, and the code itself, by which others are asked. */
export function sayCode(code: string): string {
  const meant = [WHOLE, KINDS].find((table) => Object.hasOwn(table, code))?.[code];
  return meant === undefined ? code : `${meant.replace(/\.$/, "")} (${code}).`;
}
