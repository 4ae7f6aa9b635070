import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keyState } from "@/data/keyState";
import type { Key } from "@/data/keys";
import { oneTabAtATime } from "@/session/locks";
import { organisation } from "@/session/organisation";
import { forgetSecret, keepSecret, readSecret } from "@/session/secrets";

/** What the key is called in the list of keys. */
export const CHAT_KEY_NAME = "Dashboard chat";

const MONTHLY_BUDGET_USD = "20.00"; // of a page that is left open, say: whoever wants more changes it
const GRACE_S = 86_400; // for which the same key's secret of another browser works on
const LARGEST_PAGE = 200;

/**
 * The API key that a person's chats are paid with on the organisation that they work on: one for all of their browsers.
 * Chatting makes it. Each browser has a secret of its own by rotating, which the others' outlive for a day; it goes when
 * they sign out. A key has room for so many secrets: where more browsers come within a day, the newest takes the place of
 * the one before it, which asks for another once its own is refused. There is never a second key for want of room.
 */
export async function chatKey(uid: string): Promise<string> {
  return readSecret(secretName(uid)) ?? oneTabAtATime(secretName(uid), () => obtain(uid));
}

/** Another secret than one that was refused: its key was revoked, or rotated by another browser more than a day ago. */
export async function replaceChatKey(uid: string, refused: string): Promise<string> {
  return oneTabAtATime(secretName(uid), async () => {
    if (readSecret(secretName(uid)) === refused) forgetSecret(secretName(uid));
    return obtain(uid);
  });
}

async function obtain(uid: string): Promise<string> {
  const known = readSecret(secretName(uid));
  if (known !== null) return known; // another tab was faster
  const made = (await renewed(await findKey(uid))) ?? (await create());
  keepSecret(secretName(uid), made.key);
  return made.key;
}

/** The key of a person's chats that works, if there is one: the newest. Whoever sees others' keys takes none of theirs. */
async function findKey(uid: string): Promise<string | null> {
  const holder = organisation.id() === null ? null : uid; // one's own keys on one's own organisation name nobody
  const isOwn = (key: Key) => key.service_account === null && key.member === holder;
  const works = (key: Key) => ["active", "expiring"].includes(keyState(key));
  let cursor: string | null | undefined;
  do {
    const query = { limit: LARGEST_PAGE, cursor };
    const page = await unwrap(api().GET("/api/keys", { params: { query } }));
    const found = page.data.find((key) => key.name === CHAT_KEY_NAME && isOwn(key) && works(key));
    if (found !== undefined) return found.id;
    cursor = page.next_cursor;
  } while (cursor !== null);
  return null;
}

async function renewed(id: string | null) {
  if (id === null) return null;
  try {
    return await rotated(id, GRACE_S).catch((error: unknown) => {
      if (asProblem(error).code !== "too_many_secrets") throw error;
      return rotated(id, 0);
    });
  } catch (error) {
    const { status, code } = asProblem(error);
    if (status === 404 || code === "key_revoked") return null; // revoked meanwhile
    throw error;
  }
}

function rotated(id: string, grace_seconds: number) {
  return unwrap(api().POST("/api/keys/{id}/rotate", { params: { path: { id } }, body: { grace_seconds } }));
}

function create() {
  return unwrap(
    api().POST("/api/keys", { body: { name: CHAT_KEY_NAME, monthly_budget_usd: MONTHLY_BUDGET_USD } }),
  );
}

/** Each organisation has a key of its own. */
function secretName(uid: string): string {
  const org = organisation.id();
  return org === null ? `chat-key.${uid}` : `chat-key.${uid}.${org}`;
}
