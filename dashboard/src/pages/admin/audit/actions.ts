import { t } from "@lingui/core/macro";

/** What operators do, as the trail names it and as people say it. */
export const ACTIONS: Record<string, string> = {
  "users.change": t`Changed a user`,
  "users.remove_factors": t`Removed second factors`,
  "users.see": t`Saw the dashboard as a user`,
  "users.provision": t`Added a user`,
  "credits.bonus": t`Gave credit`,
  "credits.set": t`Set a balance`,
  "pricing.put": t`Set a price`,
  "pricing.delete": t`Took a price off the list`,
  "upstreams.create": t`Added an upstream`,
  "upstreams.change": t`Changed an upstream`,
  "upstreams.delete": t`Deleted an upstream`,
  "plans.put": t`Set a plan`,
  "codes.create": t`Made a code`,
  "codes.end": t`Ended a code`,
  "budgets.reset": t`Ran the monthly job`,
  "jobs.run": t`Ran a job`,
  "tenants.set_budget": t`Set a tenant's budget`,
};

export function sayAction(action: string): string {
  return ACTIONS[action] ?? action;
}

/** Where what was changed is looked at, or `null` where it has no page. `target` is as in `users/u1`. */
export function pageOf(target: string): string | null {
  const [kind = "", id = ""] = split(target);
  // Ids are escaped in a target where they hold a slash; they are escaped in an address always.
  const own = encodeURIComponent(safeDecode(id));
  if (kind === "users") return `/admin/users/${own}`;
  if (kind === "pricing") return `/admin/pricing/${own}`;
  if (kind === "upstreams") return `/admin/upstreams/${own}`;
  if (kind === "tenants") return "/admin/tenants";
  if (kind === "plans") return "/admin/plans";
  if (kind === "codes") return "/admin/codes";
  if (kind === "jobs") return "/admin/jobs";
  return null;
}

/** A target as people read it: `pricing/a%2Fb` is `a/b`. */
export function sayTarget(target: string): string {
  return safeDecode(split(target)[1] ?? target);
}

function split(target: string): string[] {
  const slash = target.indexOf("/");
  return slash < 0 ? [target] : [target.slice(0, slash), target.slice(slash + 1)];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that is only that
  }
}
