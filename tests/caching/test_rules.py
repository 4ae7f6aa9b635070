"""What may be answered from the cache."""

from typing import Any

import pytest

from functions.farebox.caching.rules import CacheRules, parse_cache_rules
from functions.farebox.gateway.call import CacheWish
from tests.support.calls import checked

FIXED = {"temperature": 0}
TOOLS = {"temperature": 0, "tools": [{"type": "function", "function": {"name": "f"}}]}
CHAT, EMBEDDINGS = {"messages": [{"role": "user", "content": "Hi"}]}, {"input": "Hi"}


@pytest.mark.parametrize(
    ("least", "body", "wish", "applies"),
    [
        (CHAT, FIXED, None, True),
        (CHAT, {"temperature": 0.0}, None, True),
        (CHAT, {}, None, False),  # the default temperature is 1
        (CHAT, {"temperature": 0.2}, None, False),
        (CHAT, TOOLS, None, False),
        (CHAT, {"temperature": 0, "functions": [{}]}, None, False),
        (EMBEDDINGS, {}, None, True),
        (CHAT, TOOLS, True, True),
        (CHAT, {"temperature": 1}, True, True),
        (CHAT, FIXED, False, False),
        (EMBEDDINGS, {}, False, False),
    ],
)
def test_what_may_turn_out_differently_or_do_something_is_cached_only_if_asked(
    least: dict[str, Any], body: dict[str, Any], wish: bool | None, applies: bool
) -> None:
    rules = CacheRules(models=frozenset({"m"}))
    assert rules.apply_to(checked({"model": "m", **least, **body}), CacheWish(wish)) is applies


def test_a_model_that_is_not_named_is_cached_only_if_asked() -> None:
    asked = checked({"model": "m", **CHAT, **FIXED})
    assert not CacheRules().apply_to(asked, CacheWish())
    assert CacheRules().apply_to(asked, CacheWish(on=True))
    assert CacheRules(models=frozenset({"*"})).apply_to(asked, CacheWish())


def test_the_rules_are_read_with_their_defaults() -> None:
    assert parse_cache_rules({}) == CacheRules()
    read = parse_cache_rules({"models": ["m"], "ttl_s": 5, "charge": "0.25", "shared": True, "memory_mb": 1})
    assert read == CacheRules(frozenset({"m"}), 5, 2_500, is_shared=True, memory_bytes=1024 * 1024)
    assert parse_cache_rules({"charge": "0"}).share_bp == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("models", "m"),
        ("models", [1]),
        ("ttl_s", 0),
        ("ttl_s", True),
        ("ttl_s", "5"),
        ("charge", 0.1),
        ("charge", "1.1"),
        ("charge", "-1"),
        ("shared", 1),
        ("memory_mb", 1 << 20),
        ("tll_s", 5),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        parse_cache_rules({field: value})


def test_a_pattern_stands_for_what_it_matches() -> None:
    rules = CacheRules(models=frozenset({"r/*"}))
    for model, is_cached in (("r/x", True), ("m", False)):
        asked = checked({"model": model, "messages": [{"role": "user", "content": "Hi"}], "temperature": 0})
        assert rules.apply_to(asked, CacheWish()) is is_cached
