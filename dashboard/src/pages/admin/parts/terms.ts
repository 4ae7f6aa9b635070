import type { Schema } from "@/api/client";
import { formatCount } from "@/kit/numbers";

/** Rate limits in words, or `null` where there are none. */
export function showLimits({ rpm, tpm, rpd }: Schema<"RateLimits">): string | null {
  const said = [
    [rpm, "requests a minute"],
    [tpm, "tokens a minute"],
    [rpd, "requests a day"],
  ] as const;
  const parts = said.flatMap(([most, what]) => (most == null ? [] : [`${formatCount(most)} ${what}`]));
  return parts.length === 0 ? null : parts.join(", ");
}

/** Some models in words, or `null` for all of them. */
export function showModels(models: string[] | null | undefined): string | null {
  return models == null ? null : models.join(", ");
}
