"""OpenAI's legacy completions, translated to and from chat completions: `dialect` is its face, the others are its
parts."""
