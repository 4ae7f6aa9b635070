import { Problem } from "@/api/problem";
import { openApi, type Schema, unwrap } from "@/api/transport";
import { randomId } from "@/kit/randomId";
import { oneTabAtATime } from "./locks";
import { organisation } from "./organisation";
import { forgetSecrets } from "./secrets";
import { seeing } from "./seeing";

type SessionAnswer = Schema<"SessionAnswer">;

/** `expired`: the server has ended the session of a page that is in use. Signing in again goes on with it. */
export type SessionState = "restoring" | "signed-out" | "signed-in" | "expired";

/**
 * What outlives the page: the refresh token, whose it is, and the name of the trade in which it is on its way. The access
 * token stays in memory.
 */
interface Kept {
  user: string;
  refreshToken: string;
  trade?: string;
}

interface Access {
  token: string;
  endsAt: number;
}

const STORED_AS = "farebox.session";
const EXPIRED_AS = "farebox.session.expired"; // tells other tabs that the server ended it, and no person
const RENEW_BEFORE_MS = 60_000;

/**
 * The session of this browser, shared by its tabs. A refresh token works once, and using one twice ends the session: so
 * one tab at a time renews, with what is stored at that moment, and within a tab everybody waits for the same renewal.
 * A page may be left before the answer comes: the trade is named before it is asked for, and the next page makes it again.
 */
class Session {
  private access: Access | null = null;
  private user: string | null = null;
  private renewal: Promise<string | null> | null = null;
  private listeners = new Set<() => void>();
  private current: SessionState;

  constructor() {
    this.current = read() === null ? "signed-out" : "restoring";
    window.addEventListener("storage", (event) => {
      if (event.key === STORED_AS || event.key === null) this.follow();
    });
  }

  readonly state = (): SessionState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begin with what registering or signing in answered. */
  start(answer: SessionAnswer): void {
    const isSomebodyElse = this.user !== null && this.user !== answer.user.id;
    this.take(answer);
    if (isSomebodyElse) window.location.assign("/"); // nothing of one person is shown to the next
    this.set("signed-in");
  }

  /** Forget the session, here and in every other tab. */
  end(): void {
    localStorage.removeItem(EXPIRED_AS);
    write(null);
    forgetSecrets();
    this.forget();
  }

  /** End the session at the server, and forget it. A server that does not answer keeps nobody signed in here. */
  async signOut(): Promise<void> {
    const token = await this.token().catch(() => null);
    if (token !== null) {
      const headers = { authorization: `Bearer ${token}` };
      await openApi()
        .POST("/api/auth/logout", { headers })
        .catch(() => undefined);
    }
    this.end();
  }

  /** Find out whether what is stored is still good. A server that cannot be reached leaves it as it is, and throws. */
  async restore(): Promise<void> {
    await this.token();
  }

  /** An access token that is good for a while yet; `null` where nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.access !== null && this.access.endsAt - RENEW_BEFORE_MS > Date.now()) return this.access.token;
    return this.renew(this.access?.token ?? null);
  }

  /** Another token than the refused one. Whoever asks while one is on its way gets that one. */
  renew(refused: string | null): Promise<string | null> {
    if (this.access !== null && this.access.token !== refused) return Promise.resolve(this.access.token);
    this.renewal ??= this.exchange().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async exchange(): Promise<string | null> {
    return oneTabAtATime(STORED_AS, async () => {
      const kept = read();
      if (kept === null) {
        if (this.current !== "expired") this.forget();
        return null;
      }
      try {
        const trade = kept.trade ?? randomId();
        write({ ...kept, trade });
        const body = { refresh_token: kept.refreshToken };
        const headers = { "Idempotency-Key": trade };
        const answer = await unwrap(openApi().POST("/api/auth/refresh", { body, headers }));
        if (read()?.user !== kept.user) return null; // signed out, or in as somebody else, meanwhile
        this.take(answer);
        this.set("signed-in");
        return answer.token;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        if (this.current === "signed-in") this.expire();
        else this.end();
        return null;
      }
    });
  }

  private take(answer: SessionAnswer): void {
    this.user = answer.user.id;
    organisation.ofPerson(answer.user.id);
    localStorage.removeItem(EXPIRED_AS);
    this.access = { token: answer.token, endsAt: Date.now() + answer.expires_in * 1000 };
    write({ user: answer.user.id, refreshToken: answer.refresh_token });
  }

  /** The server has ended it. Whose page this is stays known, so that they can go on with it. */
  private expire(): void {
    localStorage.setItem(EXPIRED_AS, "yes");
    write(null);
    forgetSecrets();
    this.access = null;
    this.set("expired");
  }

  private forget(): void {
    this.access = null;
    this.user = null;
    seeing.end();
    organisation.ofPerson(null);
    this.set("signed-out");
  }

  /** Another tab signed out, or in. Somebody else's data must not stay on this page. */
  private follow(): void {
    const kept = read();
    if (kept === null && this.current === "signed-in" && localStorage.getItem(EXPIRED_AS) !== null) {
      this.access = null;
      this.set("expired");
    } else if (kept === null) this.forget();
    else if (this.user !== null && kept.user !== this.user) window.location.reload();
    else if (this.current === "expired") void this.renew(null).catch(() => undefined);
    else if (this.current === "signed-out") {
      this.set("restoring");
      void this.restore().catch(() => undefined); // the page that asks next says what is wrong
    }
  }

  private set(state: SessionState): void {
    if (this.current === state) return;
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}

function read(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED_AS) ?? "null") as Kept | null;
    return typeof kept?.refreshToken === "string" && typeof kept.user === "string" ? kept : null;
  } catch {
    return null;
  }
}

function write(kept: Kept | null): void {
  if (kept === null) localStorage.removeItem(STORED_AS);
  else localStorage.setItem(STORED_AS, JSON.stringify(kept));
}

export const session = new Session();
