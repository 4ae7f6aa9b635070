import { t } from "@lingui/core/macro";
import type { Invitation, Member } from "@/data/groups";

type Pages<Row> = { pages: { data: Row[] }[] } | undefined;

/** Why an address need not be invited, as far as is read: it belongs already, or a mail to it still works. */
export function whyNotInvite(
  typed: string,
  members: Pages<Pick<Member, "email">>,
  invitations: Pages<Pick<Invitation, "email" | "expires_at">>,
  now: number = Date.now(),
): string | null {
  const email = typed.trim().toLowerCase();
  const isIt = (each: { email: string }) => each.email.toLowerCase() === email;
  if (members?.pages.some(({ data }) => data.some(isIt))) return t`They belong to the organisation already.`;
  const waits = invitations?.pages.some(({ data }) =>
    data.some((each) => isIt(each) && Date.parse(each.expires_at) > now),
  );
  return waits ? t`They are invited already. Withdraw that invitation to send another.` : null;
}
