import type { Schema } from "@/api/client";
import { formatCount } from "@/kit/numbers";
import { RATES } from "@/kit/rates";

/** Rate limits in words, or `null` where there are none. */
export function showLimits(limits: Schema<"RateLimits">): string | null {
  const parts = RATES.flatMap(({ field, label }) => {
    const most = limits[field];
    return most == null ? [] : [`${formatCount(most)} ${label.toLowerCase()}`];
  });
  return parts.length === 0 ? null : parts.join(", ");
}

/** Some models in words, or `null` for all of them. */
export function showModels(models: string[] | null | undefined): string | null {
  return models == null ? null : models.join(", ");
}
