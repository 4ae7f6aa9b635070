"""A name with a `*` in it stands for many, and the longest that matches counts."""

import pytest

from functions.farebox.kit.wildcards import Wildcards, fill

PATTERNS = Wildcards(
    {"openrouter/*": 1, "openrouter/openai/*": 2, "*-mini": 3, "open*-mini": 4, "plain": 5, "a*c": 6, "ab*": 7}
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("openrouter/gpt-4o", (1, "gpt-4o")),
        ("openrouter/openai/gpt-4o", (2, "gpt-4o")),
        ("o3-mini", (3, "o3")),
        ("openai-mini", (4, "ai")),
        ("openrouter/o3-mini", (1, "o3-mini")),
        ("openrouter/", None),
        ("-mini", None),
        ("open-mini", (3, "open")),
        ("plain", None),
        ("abc", (7, "c")),
        ("other", None),
        ("openrouter/*", (1, "*")),
    ],
)
def test_the_longest_pattern_that_matches_counts(name: str, found: tuple[int, str] | None) -> None:
    assert PATTERNS.match(name) == found


def test_what_a_star_stands_for_is_put_where_a_name_has_one() -> None:
    assert [fill(name, "gpt") for name in ("*", "x/*", "x")] == ["gpt", "x/gpt", "x"]
