"""What may be answered from the cache, for how long, and for how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.call import CacheWish
from functions.farebox.pricing.bill import ONE_BP, parse_multiplier

ALL_MODELS = "*"
LONGEST_TTL_S = 30 * 24 * 3600
MOST_MEMORY_MB = 4096

_FIELDS = frozenset({"models", "ttl_s", "charge", "shared", "memory_mb"})


@dataclass(frozen=True, slots=True)
class CacheRules:
    """An operator's rules. `models` are answered from the cache unasked, where the same request has the same answer;
    `share_bp` is the share of the price that such an answer costs; `is_shared` lets users have each other's answers."""

    models: frozenset[str] = frozenset()
    ttl_s: int = 3600
    share_bp: int = ONE_BP // 10
    is_shared: bool = False
    memory_bytes: int = 64 * 1024 * 1024

    def apply_to(self, model: str, path: str, body: Mapping[str, Any], wish: CacheWish) -> bool:
        """Whether a request may be answered from the cache. Unasked, only one that is sampled at temperature 0 and
        can call no tools; an embedding is always the same."""
        if wish.on is not None:
            return wish.on
        if not self.models & {model, ALL_MODELS}:
            return False
        is_fixed = body.get("temperature") == 0 and not (body.get("tools") or body.get("functions"))
        return path == "/embeddings" or is_fixed


def parse_cache_rules(document: Mapping[str, Any]) -> CacheRules:
    """The rules in `{models?, ttl_s?, charge?, shared?, memory_mb?}`. Raises `ValueError` that names the field."""
    for name in document:
        if name not in _FIELDS:
            raise ValueError(f"{name}: there is no such field")
    default = CacheRules()
    models = document.get("models", [])
    if not isinstance(models, list) or not all(isinstance(model, str) for model in models):
        raise ValueError('models: write a list of names, or ["*"]')
    shared = document.get("shared", False)
    if not isinstance(shared, bool):
        raise ValueError("shared: write true or false")
    return CacheRules(
        models=frozenset(models),
        ttl_s=_whole(document, "ttl_s", default.ttl_s, LONGEST_TTL_S),
        share_bp=_share(document.get("charge")) if "charge" in document else default.share_bp,
        is_shared=shared,
        memory_bytes=_whole(document, "memory_mb", default.memory_bytes >> 20, MOST_MEMORY_MB) << 20,
    )


def _whole(document: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = document.get(name, default)
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{name}: write a whole number from 1 to {most}")
    return value


def _share(text: object) -> int:
    problem = ValueError('charge: write a share of the price from "0" to "1", like "0.1"')
    if text == "0":
        return 0
    try:
        share_bp = parse_multiplier(text) if isinstance(text, str) else ONE_BP + 1
    except InvalidRequest:
        raise problem from None
    if share_bp > ONE_BP:
        raise problem
    return share_bp
