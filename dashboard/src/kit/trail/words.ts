import { t } from "@lingui/core/macro";
import { ROLE_NAMES } from "@/data/roles";

/** What is stored, field by field, and as people say it: within a sentence. */
const FIELDS: Record<string, string> = {
  active: t`in force`,
  added_at: t`added`,
  allowed_ips: t`allowed addresses`,
  amount: t`amount`,
  api_key: t`API key`,
  api_key_secret: t`secret of the API key`,
  audio_input: t`audio input`,
  audio_output: t`audio output`,
  auth: t`authentication`,
  balance: t`balance`,
  balance_after: t`balance after`,
  balance_before: t`balance before`,
  base_url: t`address`,
  budget: t`budget`,
  cache_write: t`cache writes`,
  cache_write_1h: t`cache writes for an hour`,
  cached_input: t`cached input`,
  calls: t`prices of calls`,
  cap_field: t`field of the token limit`,
  capabilities: t`abilities`,
  closed_at: t`closed`,
  code: t`code`,
  connect_timeout_s: t`seconds to connect`,
  context_tokens: t`tokens of context`,
  created_at: t`made`,
  credit: t`credit`,
  daily_budget: t`daily budget`,
  dated: t`dated`,
  day: t`day`,
  day_requests: t`requests of the day`,
  debt: t`debt`,
  description: t`description`,
  developer_role: t`knows the role developer`,
  drop_fields: t`fields that are dropped`,
  effective_at: t`in force from`,
  email: t`e-mail address`,
  enabled: t`switched on`,
  entry: t`entry`,
  expires_at: t`expires`,
  frozen: t`frozen`,
  full_name: t`name`,
  grant: t`monthly credit`,
  grants: t`credit that expires`,
  has_api_key: t`has an API key`,
  header: t`header`,
  headers: t`headers`,
  id: t`id`,
  idle_timeout_s: t`seconds without a word`,
  image_input: t`image input`,
  image_output: t`image output`,
  input: t`input`,
  input_modalities: t`reads`,
  is_offered: t`offered`,
  kind: t`kind`,
  level: t`classes at their input's or output's price`,
  limit: t`limit`,
  limits: t`limits`,
  low_balance: t`warns below`,
  made_by: t`made by the key`,
  max_output_tokens: t`tokens of output at most`,
  member: t`member`,
  metadata: t`notes`,
  minute: t`minute`,
  model: t`model`,
  models: t`models`,
  monthly_budget: t`monthly budget`,
  most_uses: t`uses at most`,
  multiplier_bp: t`factor on list prices`,
  name: t`name`,
  note: t`note`,
  output: t`output`,
  output_modalities: t`writes`,
  overrides: t`own terms`,
  package: t`package`,
  pass_fields: t`fields that are passed on`,
  pass_headers: t`headers that are passed on`,
  passkeys: t`passkeys`,
  period: t`period`,
  plan: t`plan`,
  prefix: t`beginning`,
  previous_expires_at: t`former secret works until`,
  price: t`price`,
  priced_as: t`priced as`,
  priority: t`priority`,
  products: t`products of the payment provider`,
  project: t`project`,
  query: t`query`,
  reason: t`reason`,
  reasoning: t`reasoning`,
  reference: t`reference`,
  request: t`per request`,
  requests: t`requests`,
  reserved: t`held by requests`,
  revoked_at: t`revoked`,
  role: t`role`,
  rpd: t`requests a day`,
  rpm: t`requests a minute`,
  scopes: t`scopes`,
  seats: t`seats`,
  service_account: t`service account`,
  source: t`source`,
  spans: t`budgets by span`,
  speaks: t`speaks`,
  spent: t`spent`,
  state: t`state`,
  status: t`status`,
  supported_parameters: t`takes the parameters`,
  tenant: t`tenant`,
  threshold: t`threshold`,
  time_zone: t`time zone`,
  timeout_s: t`seconds in all`,
  tokens: t`tokens`,
  tools_tokens: t`tokens of tools`,
  total: t`in total`,
  total_before: t`spent before it was counted`,
  total_budget: t`total budget`,
  total_since_at: t`counted since`,
  totp: t`authenticator app`,
  tpm: t`tokens a minute`,
  trial_days: t`days of trial`,
  trial_grant: t`credit in the trial`,
  type: t`type`,
  uid: t`id of the account`,
  unopened: t`secrets that do not open`,
  until_at: t`until`,
  upstream: t`upstream`,
  url: t`address`,
  uses: t`uses`,
  variants: t`tiers`,
  version: t`version`,
  wallet: t`wallet`,
  week: t`week`,
  weekly_budget: t`weekly budget`,
  weight: t`weight`,
  windows: t`rate windows`,
  yearly_price: t`yearly price`,
  yearly_products: t`yearly products of the payment provider`,
};

/** What may stand in some fields: one of a few words. */
const VALUES: Record<string, Record<string, string>> = {
  role: ROLE_NAMES,
  state: { live: t`works`, revoked: t`revoked` },
  status: { active: t`active`, suspended: t`suspended`, erased: t`erased`, closed: t`closed` },
};

/** Whose fields are names that somebody gave, and no words. */
const NAMED = new Set(["headers", "metadata", "models", "priced_as", "products", "query", "yearly_products"]);

/** A field by its path, in the language of the page: `wallet.limits.rpm` as `Wallet, limits, requests a minute`. What has no
 * words here is told by its own name. */
export function sayField(path: string): string {
  const parts = path.split(".");
  const last = parts.findIndex((part) => NAMED.has(part)) + 1 || parts.length;
  const words = parts.slice(0, last).map(sayPart).join(", ");
  const name = parts.slice(last).join("."); // models keep the dots in their names
  const said = name === "" ? words : `${words}: ${name}`;
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

/** What stands in a field, by its name, in the language of the page where it is one of a few words; else as it is. */
export function sayValue(name: string, value: string): string {
  return VALUES[name]?.[value] ?? value;
}

function sayPart(part: string): string {
  const word = Object.hasOwn(FIELDS, part) ? FIELDS[part] : undefined;
  return word ?? part.replaceAll("_", " ");
}
