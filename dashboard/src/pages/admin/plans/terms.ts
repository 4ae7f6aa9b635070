import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";

export type Plan = Schema<"ManagedPlan">;

/** What payment providers call a plan, as lines to type in: `stripe = price_123`. */
export function toLines(products: Record<string, string>): string {
  return Object.entries(products)
    .map(([provider, product]) => `${provider} = ${product}`)
    .join("\n");
}

/** The providers and products that lines name, or `null` where one cannot be read. */
export function parseLines(text: string): Record<string, string> | null {
  const products: Record<string, string> = {};
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    const [provider, product] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 0 || provider === "" || product === "") return null;
    products[provider] = product;
  }
  return products;
}

/** Why lines cannot be read, if they cannot. */
export function isLines(typed: string): string | null {
  return parseLines(typed) === null ? t`Write "provider = its name for the plan", one a line.` : null;
}

/** What is to be put, which replaces the plan: what the form knows, over what the plan has beside it. */
export function toBody(plan: Plan | undefined, known: Required<Schema<"PlanToSet">>): Schema<"PlanToSet"> {
  const { id: _id, ...kept } = plan ?? {};
  return { ...kept, ...known };
}
