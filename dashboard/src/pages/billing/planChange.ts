import { api, type Schema, unwrap } from "@/api/client";
import type { Wallet } from "@/data/wallet";
import type { Plan } from "./useOffer";

export type Subscription = NonNullable<Wallet["subscription"]>;
/** What was agreed on for later, as a downgrade is. */
export type NextTerms = Schema<"NextTermsAnswer">;
export type Interval = "month" | "year";
/** What a change of plan comes to, if it is made now. */
export type Quote = Schema<"QuoteAnswer">;

/** The price of an interval of a plan; `null` where it is not sold so. */
export function priceOf(plan: Plan, interval: Interval): string | null {
  return interval === "month" ? plan.price_usd : plan.yearly_price_usd;
}

/** What it costs to change the subscription that runs to a plan, for as many seats as it has. */
export async function quoteOf(plan: Plan, interval: Interval, seats: number): Promise<Quote> {
  return unwrap(api().POST("/api/wallet/subscribe/quote", { body: { plan: plan.id, interval, seats } }));
}
