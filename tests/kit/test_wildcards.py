"""A name with a `*` in it stands for many, and the longest that matches counts."""

import pytest

from functions.farebox.kit.wildcards import Names, Wildcards, fill

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


@pytest.mark.parametrize(
    ("lists", "name", "is_in"),
    [
        ([["m", "r/*"]], "m", True),
        ([["m", "r/*"]], "r/x", True),
        ([["m", "r/*"]], "r/*", True),
        ([["m", "r/*"]], "r/", False),
        ([["m", "r/*"]], "n", False),
        ([["r/*"], ["r/x", "*-mini"]], "r/x", True),
        ([["r/*"], ["r/x", "*-mini"]], "r/o3-mini", True),
        ([["r/*"], ["r/x", "*-mini"]], "r/y", False),
        ([["r/*"], ["r/x", "*-mini"]], "o3-mini", False),
        ([["*"]], "anything", True),
        ([[]], "m", False),
    ],
)
def test_a_name_is_on_every_list_by_itself_or_by_a_pattern(lists: list[list[str]], name: str, *, is_in: bool) -> None:
    assert (name in Names(*lists)) is is_in
