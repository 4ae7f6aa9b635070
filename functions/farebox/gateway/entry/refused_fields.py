"""Fields of chat completions that vendors refuse, though clients send them by themselves.

Whoever refuses a field that it does not know refuses the whole request for it. Here is what changes nothing of what an
answer is to be: labels, hints to caches, and fine tuning that only servers of open models know. Whatever says what an
answer must be, such as a grammar, or how much may be thought for it, is left to the vendor to refuse.
"""

from typing import Final
from urllib.parse import SplitResult

from functions.farebox.gateway.entry.hosts import AZURE, OPENAI, is_of

# OpenAI's own, which its newer clients send without being told to.
_LABELS: Final = frozenset(
    {
        "metadata", "moderation", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
        "safety_identifier", "store", "verbosity",
    }
)  # fmt: skip
# What servers of open models, OpenRouter and single vendors have added.
_ADDED: Final = frozenset(
    {
        "include_reasoning", "length_penalty", "min_p", "prompt_mode", "random_seed", "reasoning_format",
        "reasoning_split", "repeat_penalty", "repetition_penalty", "safe_prompt", "skip_special_tokens",
        "spaces_between_special_tokens", "tfs_z", "top_a", "top_k", "typical_p",
    }
)  # fmt: skip
_NOT_IN_GEMINI: Final = frozenset({"frequency_penalty", "logit_bias", "presence_penalty", "seed", "user"})
_NOT_AT_GROQ: Final = frozenset({"logit_bias", "logprobs", "top_logprobs"})
_NOT_AT_MISTRAL: Final = frozenset(
    {"logit_bias", "logprobs", "seed", "service_tier", "stream_options", "top_logprobs", "user"}
)
_GROQS: Final = frozenset({"include_reasoning", "reasoning_format"})
_MISTRALS: Final = frozenset({"prompt_mode", "random_seed", "safe_prompt"})

_REFUSED: Final[tuple[tuple[tuple[str, ...], frozenset[str]], ...]] = (
    ((*OPENAI, *AZURE), _ADDED),
    (("generativelanguage.googleapis.com",), _LABELS | _ADDED | _NOT_IN_GEMINI),
    (("aiplatform.googleapis.com", "-aiplatform.googleapis.com"), _LABELS),
    (("api.groq.com",), (_LABELS | _ADDED | _NOT_AT_GROQ) - _GROQS),
    (("api.mistral.ai",), (_LABELS | _ADDED | _NOT_AT_MISTRAL) - _MISTRALS),
    (("api.deepseek.com",), _LABELS),
)


def refused_at(url: SplitResult) -> frozenset[str]:
    """The fields that are refused at an address."""
    return frozenset[str]().union(*(fields for hosts, fields in _REFUSED if is_of(url, hosts)))
