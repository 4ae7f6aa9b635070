import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keyState } from "@/data/keyState";
import { oneTabAtATime } from "@/session/locks";
import { organisation } from "@/session/organisation";
import { forgetSecret, keepSecret, readSecret } from "@/session/secrets";

/** What the key is called in the list of keys. */
export const CHAT_KEY_NAME = "Dashboard chat";

const MONTHLY_BUDGET_USD = "20.00"; // of a page that is left open, say: whoever wants more changes it
const GRACE_S = 86_400; // for which the same key's secret of another browser works on
const MOST_LISTED = 200;

/**
 * The API key that a person's chats are paid with on the organisation that they work on: one for all of their browsers.
 * Chatting makes it. Each browser has a secret of its own by rotating, which the others' outlive for a day; it goes when
 * they sign out.
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
  const query = { limit: MOST_LISTED };
  const { data } = await unwrap(api().GET("/api/keys", { params: { query } }));
  const holder = organisation.id() === null ? null : uid; // one's own keys on one's own organisation name nobody
  const isOwn = (key: (typeof data)[number]) => key.service_account === null && key.member === holder;
  const works = (key: (typeof data)[number]) => ["active", "expiring"].includes(keyState(key));
  return data.find((key) => key.name === CHAT_KEY_NAME && isOwn(key) && works(key))?.id ?? null;
}

async function renewed(id: string | null) {
  if (id === null) return null;
  try {
    const body = { grace_seconds: GRACE_S };
    return await unwrap(api().POST("/api/keys/{id}/rotate", { params: { path: { id } }, body }));
  } catch (error) {
    const { status } = asProblem(error);
    if (status === 404 || status === 409) return null; // revoked meanwhile, or rotated too often
    throw error;
  }
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
