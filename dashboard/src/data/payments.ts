import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";

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
