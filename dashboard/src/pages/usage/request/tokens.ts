import { t } from "@lingui/core/macro";
import type { Receipt } from "@/data/receipt";
import { formatCount } from "@/kit/numbers";

/** In the order that they are told in: each part after that of which it is one. */
const NAMES: Record<string, string> = {
  prompt: t`Prompt tokens`,
  cached: t`of them cached`,
  completion: t`Completion tokens`,
  reasoning: t`of them reasoning`,
};

/** What was counted of a request, by name. What is none is left out, and what has no name here comes last. */
export function tokensOf({ tokens }: Pick<Receipt, "tokens">): [name: string, count: string][] {
  const kinds = new Set([...Object.keys(NAMES), ...Object.keys(tokens ?? {})]);
  return [...kinds].flatMap((kind): [string, string][] => {
    const count = tokens?.[kind] ?? 0;
    return count > 0 ? [[NAMES[kind] ?? kind, formatCount(count)]] : [];
  });
}
