import { api, type Schema, unwrap } from "@/api/client";
import { leaveFor } from "@/kit/leave";

export type TopUpChoice = { package: string } | { amount_usd: string };

/** Go to the payment provider's page. It leads back here. */
export async function goToCheckout(choice: TopUpChoice): Promise<void> {
  await leaveFor((await unwrap(api().POST("/api/wallet/checkout", { body: choice as Schema<"TopUp"> }))).url);
}

export async function goToSubscription(plan: string, interval: "month" | "year"): Promise<void> {
  await leaveFor(
    (await unwrap(api().POST("/api/wallet/subscribe", { body: { plan, interval, seats: 1 } }))).url,
  );
}

/** Close the checkout of a subscription that was left open. */
export async function giveUpSubscription(): Promise<void> {
  await unwrap(api().DELETE("/api/wallet/subscribe"));
}

/** Go to the provider's page for cards, invoices and subscriptions. */
export async function goToPortal(): Promise<void> {
  await leaveFor((await unwrap(api().POST("/api/wallet/portal"))).url);
}
