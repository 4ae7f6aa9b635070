import type { Key } from "@/data/keys";
import type { Me } from "@/data/me";
import type { Wallet } from "@/data/wallet";
import { compareUsd } from "@/kit/money";

export interface Step {
  id: "credit" | "key" | "request" | "email";
  isDone: boolean;
}

interface Known {
  wallet: Wallet;
  me: Me;
  keys: Key[];
  hasRequests: boolean;
}

/** What a newcomer does first, in order, and what of it is done. */
export function firstSteps({ wallet, me, keys, hasRequests }: Known): Step[] {
  return [
    { id: "credit", isDone: hasRequests || compareUsd(wallet.balance_usd, "0") > 0 },
    { id: "key", isDone: keys.length > 0 },
    { id: "request", isDone: hasRequests },
    { id: "email", isDone: me.email_verified },
  ];
}

/** Whether somebody is new: until the first request has been made. */
export function isNew(steps: Step[]): boolean {
  return steps.some(({ id, isDone }) => id === "request" && !isDone);
}
