import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";
import type { Wallet } from "./wallet";

/** What payments are for, as people say it. */
export const PAYMENT_KINDS: Record<string, string> = {
  topup: t`Top-up`,
  plan: t`Plan`,
  auto_recharge: t`Auto-recharge`,
};

/** How they stand. */
export const PAYMENT_STATES: Record<Schema<"PaymentAnswer">["status"], string> = {
  unclaimed: t`Unclaimed`,
  pending: t`Pending`,
  failed: t`Failed`,
  paid: t`Paid`,
  partially_refunded: t`Partially refunded`,
  refunded: t`Refunded`,
  disputed: t`Disputed`,
  dispute_lost: t`Dispute lost`,
  dispute_won: t`Dispute won`,
};

/** By the provider's codes: https://docs.stripe.com/error-codes, https://docs.stripe.com/declines/codes. */
const DECLINES: Record<string, string> = {
  card_declined: t`your bank declined the card`,
  expired_card: t`the card has expired`,
  insufficient_funds: t`there is not enough money on the card`,
  incorrect_cvc: t`the card's security code is wrong`,
  incorrect_number: t`the card's number is wrong`,
  card_velocity_exceeded: t`the card's limit is reached`,
  processing_error: t`the bank could not process it`,
  lost_card: t`your bank declined the card`,
  stolen_card: t`your bank declined the card`,
  authentication_required: t`your bank wants you to confirm each charge`,
  no_saved_card: t`no card is saved; one is saved with your next top-up`,
  outcome_unknown: t`the payment provider did not say whether it was charged`,
};

/** Why a card was not charged, as a part of a sentence. */
export function sayDecline(code: string): string {
  return DECLINES[code] ?? t`the payment provider says “${code}”`;
}

/** What is wrong with the payment of a plan. */
export const PLAN_PROBLEMS: Record<
  NonNullable<NonNullable<Wallet["subscription"]>["payment_problem"]>,
  { title: string; text: string }
> = {
  past_due: {
    title: t`Your last payment failed`,
    text: t`The provider tries again by itself. See that the card can be charged, or use another.`,
  },
  unpaid: {
    title: t`Your plan is not paid for`,
    text: t`The provider has given up charging the card. Pay what is open, or use another card.`,
  },
  paused: {
    title: t`Your plan is paused`,
    text: t`Nothing is charged, and no credit comes, until it goes on.`,
  },
};
