"""How long the contexts of models are, as upstreams themselves tell in their lists of models.

max_model_len (vLLM, SGLang), context_window (Groq), context_length (OpenRouter, Together), max_context_length
(Mistral, LM Studio), loaded_context_length (LM Studio), meta.n_ctx and meta.n_ctx_train (llama.cpp)
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from functions.farebox.gateway.routing import Candidate

MAX_TOLD = 100_000_000  # tokens; whoever tells more tells nothing
_FIELDS = ("max_model_len", "context_window", "context_length", "max_context_length", "loaded_context_length")
_META_FIELDS = ("n_ctx", "n_ctx_train")


class Contexts:
    """What each upstream was last heard to tell of its models."""

    def __init__(self) -> None:
        self._told: dict[str, Mapping[str, int]] = {}

    def hear(self, upstream_id: str, tokens: Mapping[str, int]) -> None:
        """Take in what an upstream tells, in tokens by its own names of models."""
        self._told[upstream_id] = tokens

    def __bool__(self) -> bool:
        """Whether any is told."""
        return bool(self._told)

    def least(self, candidates: Iterable[Candidate]) -> int | None:
        """The shortest context among these, of those that told any."""
        told = (self._told.get(each.upstream.id, {}).get(each.model) for each in candidates)
        return min((tokens for tokens in told if tokens is not None), default=None)


def read_contexts(listing: Mapping[str, Any], models: Collection[str]) -> dict[str, int]:
    """The contexts that an answer of `GET /models` tells of these `models`, in tokens; of several figures the least."""
    entries = listing.get("data")
    found: dict[str, int] = {}
    for entry in entries if isinstance(entries, list) else ():
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and name in models and (tokens := _tokens(entry)) is not None:
            found[name] = tokens
    return found


def _tokens(entry: Mapping[str, Any]) -> int | None:
    meta = entry.get("meta")
    told = [entry.get(name) for name in _FIELDS]
    if isinstance(meta, dict):
        told += [meta.get(name) for name in _META_FIELDS]
    return min((tokens for tokens in told if type(tokens) is int and 0 < tokens <= MAX_TOLD), default=None)
