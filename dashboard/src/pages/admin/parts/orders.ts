import { randomId } from "@/kit/randomId";

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
    const key = this.#keys.get(told) ?? `dashboard-${randomId()}`;
    this.#keys.set(told, key);
    return { "Idempotency-Key": key };
  }

  answered(wish: unknown): void {
    this.#keys.delete(JSON.stringify(wish) ?? "");
  }
}
