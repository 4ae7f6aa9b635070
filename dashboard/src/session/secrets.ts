/** Secrets of the person who is signed in that this browser may keep, such as the key that their chats are paid with.
 * Signing out forgets all of them. */
const PREFIX = "farebox.secret.";

export function readSecret(name: string): string | null {
  return localStorage.getItem(PREFIX + name);
}

export function keepSecret(name: string, secret: string): void {
  localStorage.setItem(PREFIX + name, secret);
}

export function forgetSecret(name: string): void {
  localStorage.removeItem(PREFIX + name);
}

export function forgetSecrets(): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  }
}
