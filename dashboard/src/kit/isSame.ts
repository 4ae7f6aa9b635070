import { isValidElement } from "react";

/** Whether two values are the same, however deep: for `memo`, where the same is to be shown and need not be drawn again.
 * Functions are the same where they are one: a new one may know of something else. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (isValidElement<object>(one)) {
    if (!isValidElement<object>(other) || one.type !== other.type || one.key !== other.key) return false;
    return hasSame(one.props, other.props);
  }
  return kindOf(one) !== null && kindOf(one) === kindOf(other) && hasSame(one, other);
}

function hasSame(one: object, other: object): boolean {
  const values = Object.entries(one);
  const others = new Map(Object.entries(other));
  return (
    values.length === others.size &&
    values.every(([name, value]) => others.has(name) && isSame(value, others.get(name)))
  );
}

/** What a value is that is nothing but its parts. */
function kindOf(value: object): "list" | "fields" | null {
  if (Array.isArray(value)) return "list";
  return Object.getPrototypeOf(value) === Object.prototype && !isValidElement(value) ? "fields" : null;
}
