import type { Schema } from "@/api/client";
import { isOptionalWhole, parseWhole } from "./rules";

/** Rate limits as they are typed: an empty text is no limit. */
export interface TypedRates {
  rpm: string;
  tpm: string;
  rpd: string;
}

/** Limits, for a form to begin with. */
export function typedRates(limits?: Schema<"RateLimits">): TypedRates {
  return {
    rpm: String(limits?.rpm ?? ""),
    tpm: String(limits?.tpm ?? ""),
    rpd: String(limits?.rpd ?? ""),
  };
}

/** Rules for `useForm`'s `validate`. */
export const RATE_RULES = { rpm: isOptionalWhole, tpm: isOptionalWhole, rpd: isOptionalWhole };

/** The limits that were typed. */
export function parseRates({ rpm, tpm, rpd }: TypedRates) {
  return { rpm: parseWhole(rpm), tpm: parseWhole(tpm), rpd: parseWhole(rpd) };
}
