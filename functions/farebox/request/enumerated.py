"""Readers of the fields that take one of a few words: OpenAI's, and what other vendors and servers add to them.

What a client misspells is refused here, by the field, whoever would have answered: some servers ignore it.
"""

from functions.farebox.request.values import one_of

# https://platform.openai.com/docs/guides/reasoning; `default` is Groq's, `auto` OpenRouter's, `max` DeepSeek's.
effort = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max", "auto", "default")
summary = one_of("auto", "concise", "detailed", "none")  # the last is LiteLLM's
verbosity = one_of("low", "medium", "high")
retention = one_of("in_memory", "in-memory", "24h")
called = one_of("none", "auto")
# OpenAI's, and those of servers that know grammars: Together, Fireworks, llama.cpp, TGI, SGLang, OpenRouter.
answer_format = one_of(
    *("text", "json_object", "json_schema", "json", "regex", "grammar", "ebnf", "structural_tag", "choice", "python"),
)
# vLLM takes bytes as well, Cohere the integers.
vector_format = one_of("float", "base64", "bytes", "bytes_only", "int8", "uint8", "binary", "ubinary")
