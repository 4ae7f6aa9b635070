import { t } from "@lingui/core/macro";

/** What is done in an organisation, as its trail names it and as people say it. */
export const ACTIONS: Record<string, string> = {
  "org.create": t`Made the organisation`,
  "org.change": t`Changed the organisation`,
  "org.close": t`Ended the organisation`,
  "members.change": t`Changed a member`,
  "members.remove": t`Removed a member`,
  "invitations.create": t`Invited somebody`,
  "invitations.withdraw": t`Withdrew an invitation`,
  "invitations.accept": t`Accepted an invitation`,
  "projects.create": t`Made a project`,
  "projects.change": t`Changed a project`,
  "projects.remove": t`Removed a project`,
  "service_accounts.create": t`Made a service account`,
  "service_accounts.change": t`Changed a service account`,
  "service_accounts.remove": t`Removed a service account`,
  "keys.create": t`Made a key`,
  "keys.change": t`Changed a key`,
  "keys.rotate": t`Gave a key a new secret`,
  "keys.revoke": t`Revoked a key`,
  "alerts.change": t`Changed alerts or the webhook`,
  "payments.checkout": t`Began a payment`,
  "payments.subscribe": t`Subscribed to a plan`,
  "payments.auto_recharge": t`Changed auto-recharge`,
  "payments.redeem": t`Redeemed a code`,
  "payments.give_up_subscription": t`Gave up a subscription`,
  "payments.close": t`Closed the payment account`,
};

export function sayAction(action: string): string {
  return ACTIONS[action] ?? action;
}
