import { plural, t } from "@lingui/core/macro";
import { keyState } from "@/data/keyState";
import type { Key } from "@/data/keys";
import type { Me } from "@/data/me";
import { PLAN_PROBLEMS, sayDecline } from "@/data/payments";
import type { UsageStats } from "@/data/usage";
import type { Wallet } from "@/data/wallet";
import { formatDate, formatMonth, formatRelative } from "@/kit/dates";
import { compareUsd, formatUsd, shareOfUsd, toNanos } from "@/kit/money";
import { formatCount, formatShare } from "@/kit/numbers";

/** Something that a person should know of, and what to do about it. */
export interface Notice {
  id: string;
  /** `stop`: requests are refused. `soon`: they will be. `know`: nothing stops. */
  level: "stop" | "soon" | "know";
  title: string;
  text: string;
  to: string;
  action: string;
}

export interface Known {
  wallet: Wallet;
  me: Me;
  keys: Key[];
  /** Whom to ask, where that is known. */
  support?: string | null;
  /** Of the last seven days. */
  week: UsageStats | undefined;
}

const NEAR_END = 0.8;
const FEW_DAYS = 3;
const NEAR_DAYS = 30; // beyond these a pace says little
const WEEK_DAYS = 7;
const NOTABLE_ERRORS = 3;
const NOTABLE_ERROR_SHARE = 0.05;

/** What needs attention, what stops requests first. */
export function notices(known: Known, now: number = Date.now()): Notice[] {
  const all = [
    ...ofAccount(known),
    ...ofBalance(known),
    ...ofBudget(known),
    ...known.keys.flatMap((key) => ofKey(key, known.me.time_zone, now)),
    ...ofPlan(known),
    ...ofRecharge(known),
    ...ofErrors(known),
  ];
  const order = ["stop", "soon", "know"];
  return all.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** For how many days what is available lasts at the last week's pace; `null` where nothing was spent. */
export function daysLeft(wallet: Wallet, week: UsageStats | undefined): number | null {
  const spent = toNanos(week?.totals.cost_usd ?? "0");
  const left = toNanos(wallet.available_usd);
  if (spent <= 0n) return null;
  return left <= 0n ? 0 : Number((left * BigInt(WEEK_DAYS)) / spent);
}

function ofAccount({ me, wallet, support }: Known): Notice[] {
  const found: Notice[] = [];
  if (me.status === "suspended") {
    found.push({
      id: "suspended",
      level: "stop",
      title: t`Your account is suspended`,
      text: `${t`All requests are refused.`} ${support ? t`Write to ${support}.` : t`Ask whoever runs this service.`}`,
      to: "/account",
      action: t`Your account`,
    });
  }
  if (wallet.frozen) {
    found.push({
      id: "frozen",
      level: "stop",
      title: t`Your wallet is frozen`,
      text: t`A payment is disputed with your bank. Nothing can be spent until that is settled.`,
      to: "/billing/payments",
      action: t`See your payments`,
    });
  }
  if (!me.email_verified) {
    found.push({
      id: "email",
      level: "know",
      title: t`Your e-mail address is not confirmed`,
      text: t`Notices and a new password go to ${{ email: me.email }}. Confirm that it is yours.`,
      to: "/account",
      action: t`Confirm it`,
    });
  }
  return found;
}

function ofBalance({ wallet, week }: Known): Notice[] {
  const { available_usd, debt_usd, low_balance_usd } = wallet;
  const left = formatUsd(available_usd, { rounding: "down" });
  const topUp = { to: "/billing", action: t`Add credit` };
  if (compareUsd(debt_usd, "0") > 0) {
    const text = t`A payment was taken back after it was spent. New credit pays this first; until then, requests are refused.`;
    return [
      { id: "debt", level: "stop", title: t`You owe ${{ debtUsd: formatUsd(debt_usd) }}`, text, ...topUp },
    ];
  }
  if (compareUsd(available_usd, "0") <= 0) {
    const text = t`Requests are refused until there is credit again.`;
    return [{ id: "balance", level: "stop", title: t`There is nothing left to spend`, text, ...topUp }];
  }
  const days = daysLeft(wallet, week);
  const isBelow = low_balance_usd !== null && compareUsd(available_usd, low_balance_usd) <= 0;
  if (!isBelow && (days === null || days >= FEW_DAYS)) return [];
  const told = [t`${left} left.`];
  if (isBelow) told.push(t`That is below your alert at ${{ alert: formatUsd(low_balance_usd) }}.`);
  if (days !== null && days <= NEAR_DAYS) told.push(lasts(days));
  return [
    {
      id: "balance",
      level: "soon",
      title: t`Your balance is low`,
      text: told.join(" "),
      ...topUp,
    },
  ];
}

function ofBudget({ wallet }: Known): Notice[] {
  const { limit_usd, spent_usd, period } = wallet.budget;
  if (limit_usd === null) return [];
  const share = shareOfUsd(spent_usd, limit_usd);
  if (share < NEAR_END) return [];
  const [spent, limit, month] = [formatUsd(spent_usd), formatUsd(limit_usd), formatMonth(period)];
  const told = t`You spent ${spent} of ${limit} for ${month}.`;
  const link = { id: "budget", to: "/usage", action: t`See where it went` };
  return share < 1
    ? [{ ...link, level: "soon", title: t`Your monthly budget is near its end`, text: told }]
    : [
        {
          ...link,
          level: "stop",
          title: t`Your monthly budget is used up`,
          text: `${told} ${t`Requests are refused until the next month.`}`,
        },
      ];
}

function ofKey(key: Key, zone: string, now: number): Notice[] {
  const link = { to: `/keys/${key.id}`, action: t`See the key` };
  const state = keyState(key, now);
  if (state === "revoked") return [];
  const found: Notice[] = [];
  const { limit_usd, spent_usd } = key.budget;
  const share = limit_usd === null ? 0 : shareOfUsd(spent_usd, limit_usd);
  if (state === "expiring" && key.expires_at !== null) {
    found.push({
      ...link,
      id: `expiry ${key.id}`,
      level: "soon",
      title: t`The key "${{ key: key.name }}" expires ${{ when: formatRelative(key.expires_at, now) }}`,
      text: t`Its last moment is on ${{ when: formatDate(key.expires_at, zone) }}. Give it more time, or replace it.`,
    });
  }
  if (state !== "expired" && limit_usd !== null && share >= NEAR_END) {
    const isOver = share >= 1;
    found.push({
      ...link,
      id: `budget ${key.id}`,
      level: isOver ? "stop" : "soon",
      title: isOver
        ? t`The budget of "${{ key: key.name }}" is used up`
        : t`The budget of "${{ key: key.name }}" is near its end`,
      text: t`It spent ${{ spentUsd: formatUsd(spent_usd) }} of ${{ limitUsd: formatUsd(limit_usd) }} this month.`,
    });
  }
  return found;
}

function ofPlan({ wallet }: Known): Notice[] {
  const problem = wallet.subscription?.payment_problem ?? null;
  if (problem === null) return [];
  return [
    { ...PLAN_PROBLEMS[problem], id: "plan", level: "soon", to: "/billing/plans", action: t`See your plan` },
  ];
}

function ofRecharge({ wallet }: Known): Notice[] {
  const recharge = wallet.auto_recharge;
  const reason = recharge?.off_reason ?? recharge?.last_failure;
  if (recharge == null || reason == null) return [];
  const title = recharge.enabled ? t`Your card was declined` : t`Auto-recharge was turned off`;
  const text = t`The reason: ${{ reason: sayDecline(reason) }}.`;
  const to = "/billing/automatic";
  return [{ id: "recharge", level: "soon", title, text, to, action: t`Look at auto-recharge` }];
}

function ofErrors({ week }: Known): Notice[] {
  if (week === undefined) return [];
  const { errors, requests } = week.totals;
  if (errors < NOTABLE_ERRORS || errors / requests < NOTABLE_ERROR_SHARE) return [];
  const text = t`${{ errors: formatCount(errors) }} of ${{ requests: formatCount(requests) }} (${{ share: formatShare(errors / requests) }}). A failed request costs what was answered before it failed, often nothing.`;
  return [
    {
      id: "errors",
      level: "know",
      title: t`Many requests failed in the last 7 days`,
      text,
      to: "/usage?days=7&status=error",
      action: t`See the errors`,
    },
  ];
}

function lasts(days: number): string {
  return days < 1
    ? t`At last week's pace it lasts less than a day.`
    : plural(days, {
        one: "At last week's pace it lasts about a day.",
        other: "At last week's pace it lasts about # days.",
      });
}
