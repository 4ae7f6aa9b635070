/** What is done in an organisation, as its trail names it and as people say it. */
export const ACTIONS: Record<string, string> = {
  "org.create": "Made the organisation",
  "org.change": "Changed the organisation",
  "org.close": "Ended the organisation",
  "members.change": "Changed a member",
  "members.remove": "Removed a member",
  "invitations.create": "Invited somebody",
  "invitations.withdraw": "Withdrew an invitation",
  "invitations.accept": "Accepted an invitation",
  "projects.create": "Made a project",
  "projects.change": "Changed a project",
  "projects.remove": "Removed a project",
  "service_accounts.create": "Made a service account",
  "service_accounts.change": "Changed a service account",
  "service_accounts.remove": "Removed a service account",
  "keys.create": "Made a key",
  "keys.change": "Changed a key",
  "keys.rotate": "Gave a key a new secret",
  "keys.revoke": "Revoked a key",
  "alerts.change": "Changed alerts or the webhook",
  "payments.checkout": "Began a payment",
  "payments.subscribe": "Subscribed to a plan",
  "payments.auto_recharge": "Changed auto-recharge",
  "payments.redeem": "Redeemed a code",
  "payments.give_up_subscription": "Gave up a subscription",
  "payments.close": "Closed the payment account",
};

export function sayAction(action: string): string {
  return ACTIONS[action] ?? action;
}
