/** 128 random bits. `randomUUID` is only there on secure origins, and an operator's may be plain HTTP in their own net. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
