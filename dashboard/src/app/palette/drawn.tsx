import type { LucideIcon } from "lucide-react";

/** The icon before an entry. */
export function drawn(Icon: LucideIcon) {
  return <Icon size={18} strokeWidth={1.7} aria-hidden />;
}
