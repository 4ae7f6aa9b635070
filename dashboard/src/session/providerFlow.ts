/** A sign-in with a provider that has begun in this tab, and what the page shows when the browser is back. */
export interface Flow {
  provider: string;
  state: string;
  flow: string;
  /** Where the person wanted to go. */
  returnTo: string;
}

const STORED_AS = "farebox.sign-in";

export function beginFlow({ provider, state, flow, returnTo }: Flow): void {
  sessionStorage.setItem(STORED_AS, JSON.stringify({ provider, state, flow, returnTo }));
}

/** What began, if this tab began it and the provider answers that: a code that somebody slips in opens nothing. */
export function readFlow(state: string | null): Flow | null {
  try {
    const flow = JSON.parse(sessionStorage.getItem(STORED_AS) ?? "null") as Flow | null;
    return flow !== null && flow.state === state ? flow : null;
  } catch {
    return null;
  }
}

export function forgetFlow(): void {
  sessionStorage.removeItem(STORED_AS);
}
