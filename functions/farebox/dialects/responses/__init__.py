"""OpenAI's Responses, translated to and from chat completions."""
