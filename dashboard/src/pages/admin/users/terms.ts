import type { Schema } from "@/api/client";
import { compareUsd } from "@/kit/money";
import type { ManagedUser, UserChange } from "./users";

/** What an operator sets of a user. `null` is none. */
export interface Terms {
  plan: string | null;
  monthly_budget_usd: string | null;
  daily_budget_usd: string | null;
  weekly_budget_usd: string | null;
  total_budget_usd: string | null;
  limits: Required<Schema<"RateLimits">>;
  models: string[] | null;
  multiplier: string | null;
  tenant_id: string | null;
}

/** A user's terms now. */
export function termsOf(user: ManagedUser): Terms {
  const { rpm = null, tpm = null, rpd = null } = user.limits;
  return {
    plan: user.plan,
    monthly_budget_usd: user.budget.limit_usd,
    daily_budget_usd: user.budgets?.daily.limit_usd ?? null,
    weekly_budget_usd: user.budgets?.weekly.limit_usd ?? null,
    total_budget_usd: user.budgets?.total.limit_usd ?? null,
    limits: { rpm, tpm, rpd },
    models: user.models,
    multiplier: user.multiplier,
    tenant_id: user.tenant_id,
  };
}

/** What is to be sent so that `before` becomes `after`: what differs, and nothing else, since what is sent is set. */
export function changed(before: Terms, after: Terms): UserChange {
  const names = Object.keys(after) as (keyof Terms)[];
  return Object.fromEntries(
    names.filter((name) => !isSame(name, before[name], after[name])).map((name) => [name, after[name]]),
  );
}

function isSame(name: keyof Terms, before: unknown, after: unknown): boolean {
  if (name.endsWith("_budget_usd") && typeof before === "string" && typeof after === "string") {
    return compareUsd(before, after) === 0; // "50.00" is "50"
  }
  return JSON.stringify(before) === JSON.stringify(after);
}
