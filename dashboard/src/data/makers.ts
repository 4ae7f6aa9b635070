/** How the names of makers' models begin, wherever a gateway puts them; what stands first in a name counts. */
const FAMILIES: Record<string, RegExp> = {
  Alibaba: /qw(?:en|q)/,
  Amazon: /nova|titan/,
  Anthropic: /claude/,
  Cohere: /command|cohere/,
  DeepSeek: /deepseek/,
  Google: /gem(?:ini|ma)/,
  Meta: /llama/,
  Microsoft: /phi/,
  MiniMax: /minimax/,
  "Mistral AI": /(?:mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral)/,
  "Moonshot AI": /kimi/,
  NVIDIA: /nemotron/,
  OpenAI: /(?:chat)?gpt|o\d|text-embedding-(?:3|ada)|whisper|dall-e/,
  Perplexity: /sonar/,
  xAI: /grok/,
  "Z.ai": /glm/,
};
const BEGINNINGS = Object.entries(FAMILIES).map(([maker, family]) => ({
  maker,
  pattern: new RegExp(`(?<![a-z0-9])(?:${family.source})(?![a-z])`),
}));

/** Who makes a model, as its name tells: by its family, or else by what stands before its slash; `null` where neither
 * does. The list of models names nobody. */
export function makerOf(id: string): string | null {
  const parts = id.toLowerCase().split("/");
  const name = parts.at(-1) ?? "";
  const [first] = BEGINNINGS.map(({ maker, pattern }) => ({ maker, at: name.search(pattern) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return first?.maker ?? (parts.length > 1 ? (id.split("/").at(-2) ?? null) : null);
}
