import { t } from "@lingui/core/macro";

/** What a price may say that its model can do, by the API's fields, in the API's names: a test of the API's own holds
 * that none is missing. */
export const NAMES = {
  input_modalities: ["text", "image", "file", "audio", "video"],
  output_modalities: ["text", "image", "audio", "embeddings"],
  supported_parameters: [
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "include_reasoning",
    "response_format",
    "structured_outputs",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "web_search_options",
  ],
} as const;

export type Ability = keyof typeof NAMES;
export const ABILITIES = Object.keys(NAMES) as Ability[];

export const LABELS: Record<Ability, string> = {
  input_modalities: t`Reads`,
  output_modalities: t`Writes`,
  supported_parameters: t`Takes the parameters`,
};
