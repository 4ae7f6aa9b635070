import { useState } from "react";

/** The one-time token of a mail's link, `#token=...`: a fragment reaches no server and no log. It leaves the address bar
 * and the history at once. */
export function useMailedToken(): string | null {
  const [token] = useState(takeToken);
  return token;
}

let taken: { key: string; token: string | null } | null = null;

function takeToken(): string | null {
  const { pathname, search, hash } = window.location;
  const token = new URLSearchParams(hash.slice(1)).get("token");
  if (token !== null) {
    taken = { key: pathname, token };
    window.history.replaceState(window.history.state, "", pathname + search);
  }
  return taken?.key === pathname ? taken.token : null; // React may call this twice
}
