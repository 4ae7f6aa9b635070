import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { oneTabAtATime } from "@/session/locks";
import { forgetSecret, keepSecret, readSecret } from "@/session/secrets";

/** What the key is called in the list of keys. */
export const CHAT_KEY_NAME = "Dashboard chat";

/**
 * The API key that this browser's chats of a person are paid with. Chatting makes it. Its secret goes when they sign
 * out; its id stays, so that coming back gives the same key a new secret instead of leaving one more behind.
 */
export async function chatKey(uid: string): Promise<string> {
  return readSecret(secretName(uid)) ?? oneTabAtATime(idName(uid), () => obtain(uid));
}

/** Another key than one that was refused: it was revoked, or has another secret by now. */
export async function replaceChatKey(uid: string, refused: string): Promise<string> {
  return oneTabAtATime(idName(uid), async () => {
    if (readSecret(secretName(uid)) === refused) {
      forgetSecret(secretName(uid));
      localStorage.removeItem(idName(uid)); // somebody rotated or revoked it: it is theirs, or gone
    }
    return obtain(uid);
  });
}

async function obtain(uid: string): Promise<string> {
  const known = readSecret(secretName(uid));
  if (known !== null) return known; // another tab was faster
  const made = (await renewed(localStorage.getItem(idName(uid)))) ?? (await create());
  localStorage.setItem(idName(uid), made.id);
  keepSecret(secretName(uid), made.key);
  return made.key;
}

async function renewed(id: string | null) {
  if (id === null) return null;
  try {
    const body = { grace_seconds: 0 };
    return await unwrap(api().POST("/api/keys/{id}/rotate", { params: { path: { id } }, body }));
  } catch (error) {
    const { status } = asProblem(error);
    if (status === 404 || status === 409) return null; // deleted or revoked meanwhile
    throw error;
  }
}

function create() {
  return unwrap(api().POST("/api/keys", { body: { name: CHAT_KEY_NAME } }));
}

const idName = (uid: string) => `farebox.chat-key.${uid}`;
const secretName = (uid: string) => `chat-key.${uid}`;
