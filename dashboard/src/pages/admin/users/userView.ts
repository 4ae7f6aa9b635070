import { useSearchParams } from "react-router";
import type { paths } from "@/api/schema";

export type UserQuery = Omit<
  NonNullable<paths["/api/admin/users"]["get"]["parameters"]["query"]>,
  "cursor" | "limit"
>;

/** What balances can be asked for, by their names in the address. */
export const BALANCES = {
  none: { balance_below_usd: "0.000000001" },
  low: { balance_below_usd: "5" },
  some: { balance_from_usd: "0.000000001" },
  much: { balance_from_usd: "100" },
} as const satisfies Record<string, UserQuery>;
export type Balance = keyof typeof BALANCES;

const SORTS = ["email", "newest", "richest", "poorest"] as const;
const STATES = ["active", "suspended", "closed", "erased"] as const;
export type Sort = (typeof SORTS)[number];
export type State = (typeof STATES)[number];

/** The list as one looks at it, which is in the page's address. `null` is all. */
export interface UserView {
  q: string | null;
  tenant: string | null;
  status: State | null;
  plan: string | null;
  balance: Balance | null;
  sort: Sort;
}

export function readView(search: URLSearchParams): UserView {
  const text = (name: string) => search.get(name) || null;
  const one = <T extends string>(name: string, among: readonly T[]) =>
    among.find((each) => each === search.get(name)) ?? null;
  return {
    q: text("q"),
    tenant: text("tenant"),
    plan: text("plan"),
    status: one("status", STATES),
    balance: one("balance", Object.keys(BALANCES) as Balance[]),
    sort: one("sort", SORTS) ?? "email",
  };
}

/** What the API is asked for. */
export function queryOf({ q, tenant, status, plan, balance, sort }: UserView): UserQuery {
  return {
    q: q ?? undefined,
    tenant_id: tenant ?? undefined,
    status: status ?? undefined,
    plan: plan ?? undefined,
    ...(balance === null ? {} : BALANCES[balance]),
    sort,
  };
}

export function isNarrowed({ sort: _, ...filters }: UserView): boolean {
  return Object.values(filters).some((each) => each !== null);
}

/** The view, and the way to another. */
export function useUserView() {
  const [search, setSearch] = useSearchParams();
  const view = readView(search);
  const change = (changed: Partial<UserView>) =>
    setSearch(
      (former) => {
        const next = new URLSearchParams(former);
        for (const [name, value] of Object.entries(changed)) {
          if (value && value !== "email") next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  return { view, change, query: queryOf(view) };
}
