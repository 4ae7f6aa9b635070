import { useState } from "react";
import { useMailedToken } from "./mailedToken";

const STORED_AS = "farebox.invitation";

/** The token of an invitation that was opened here. It waits in this browser while its owner makes an account, confirms
 * an address or signs in, which may take them through other pages, tabs and sites. */
export function useInvitationToken(): string | null {
  const mailed = useMailedToken();
  const [token] = useState(() => {
    if (mailed !== null) localStorage.setItem(STORED_AS, mailed);
    return mailed ?? localStorage.getItem(STORED_AS);
  });
  return token;
}

/** The id of the organisation that an invitation's token leads to: all before its own id and its secret. */
export function invitedTo(token: string): string {
  return token.split(".").slice(0, -2).join(".");
}

/** Whether an invitation waits for its owner. */
export function invitationWaits(): boolean {
  return localStorage.getItem(STORED_AS) !== null;
}

/** It was accepted, or turned away. */
export function forgetInvitation(): void {
  localStorage.removeItem(STORED_AS);
}
