"""Caching rules: which requests may be answered from the cache, for how long, and for how much."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta, Struct

from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.call import CacheWish
from functions.farebox.kit.entries import read_entry
from functions.farebox.kit.wildcards import Names
from functions.farebox.pricing.bill import ONE_BP, parse_multiplier
from functions.farebox.request.checked import Checked

LONGEST_TTL_S = 30 * 24 * 3600
MOST_MEMORY_MB = 4096


@dataclass(frozen=True, slots=True)
class CacheRules:
    """An operator's rules. `models`, by name or by a pattern, are answered from the cache unasked, where the same
    request has the same answer; `share_bp` is the share of the price that such an answer costs; `is_shared` lets users
    have each other's answers."""

    models: frozenset[str] = frozenset()
    ttl_s: int = 3600
    share_bp: int = ONE_BP // 10
    is_shared: bool = False
    memory_bytes: int = 64 * 1024 * 1024
    _listed: Names = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_listed", Names(self.models))

    def apply_to(self, checked: Checked, wish: CacheWish) -> bool:
        """Whether a request may be answered from the cache. Unasked, only one that is sampled at temperature 0 and
        can call no tools; an embedding is always the same."""
        if wish.on is not None:
            return wish.on
        if checked.model not in self._listed:
            return False
        asked = checked.fields
        is_fixed = asked.get("temperature") == 0 and not (asked.get("tools") or asked.get("functions"))
        return checked.endpoint == "/embeddings" or is_fixed


class _Entry(Struct, forbid_unknown_fields=True):
    """The rules as they are written. Defaults are those of `CacheRules`."""

    models: list[str] = []
    ttl_s: Annotated[int, Meta(ge=1, le=LONGEST_TTL_S)] = CacheRules().ttl_s
    charge: str = "0.1"
    shared: bool = False
    memory_mb: Annotated[int, Meta(ge=1, le=MOST_MEMORY_MB)] = CacheRules().memory_bytes >> 20


_WANTED = {
    "models": 'a list of names, or patterns like "*"',
    "ttl_s": f"a whole number from 1 to {LONGEST_TTL_S}",
    "charge": 'a share of the price from "0" to "1", like "0.1"',
    "shared": "true or false",
    "memory_mb": f"a whole number from 1 to {MOST_MEMORY_MB}",
}


def parse_cache_rules(document: Mapping[str, Any]) -> CacheRules:
    """The rules in `{models?, ttl_s?, charge?, shared?, memory_mb?}`. Raises `ValueError` that names the field."""
    entry = read_entry(document, _Entry, _WANTED)
    return CacheRules(
        models=frozenset(entry.models),
        ttl_s=entry.ttl_s,
        share_bp=_share(entry.charge),
        is_shared=entry.shared,
        memory_bytes=entry.memory_mb << 20,
    )


def _share(text: str) -> int:
    """A share in basis points. A multiplier may not be 0, but what is cached may be given away."""
    problem = ValueError(f"charge: write {_WANTED['charge']}")
    if text == "0":
        return 0
    try:
        share_bp = parse_multiplier(text)
    except InvalidRequest:
        raise problem from None
    if share_bp > ONE_BP:
        raise problem
    return share_bp
