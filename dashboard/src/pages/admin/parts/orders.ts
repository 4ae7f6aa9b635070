/** Any change of an operator's, told by what was asked for. */
export interface OrderHeaders extends Record<string, string> {
  "Idempotency-Key": string;
}

/**
 * The idempotency keys of the changes under way: what is asked for again before its answer came, by a second click or a
 * second try, is the same order and happens once. Once answered, the same wish is a new order.
 */
export class Orders {
  #keys = new Map<string, string>();

  headersFor(wish: unknown): OrderHeaders {
    const told = JSON.stringify(wish) ?? "";
    const key = this.#keys.get(told) ?? newKey();
    this.#keys.set(told, key);
    return { "Idempotency-Key": key };
  }

  answered(wish: unknown): void {
    this.#keys.delete(JSON.stringify(wish) ?? "");
  }
}

/** 128 random bits. `randomUUID` is only there on secure origins, and an operator's may be plain HTTP in their own net. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `dashboard-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
