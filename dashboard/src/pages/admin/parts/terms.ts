import { t } from "@lingui/core/macro";
import type { Schema } from "@/api/client";
import { formatCount } from "@/kit/numbers";

/** Rate limits in words, or `null` where there are none. */
export function showLimits(limits: Schema<"RateLimits">): string | null {
  return listLimits(limits).join(", ") || null;
}

/** Each rate limit in words. */
export function listLimits({ rpm, tpm, rpd }: Schema<"RateLimits">): string[] {
  return [
    ...(rpm == null ? [] : [t`${{ rpm: formatCount(rpm) }} requests a minute`]),
    ...(tpm == null ? [] : [t`${{ tpm: formatCount(tpm) }} tokens a minute`]),
    ...(rpd == null ? [] : [t`${{ rpd: formatCount(rpd) }} requests a day`]),
  ];
}

/** Some models in words, or `null` for all of them. */
export function showModels(models: string[] | null | undefined): string | null {
  return models == null ? null : models.join(", ");
}
