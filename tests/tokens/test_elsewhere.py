"""The hold of a text whose model reads it with another vocabulary than OpenAI's."""

from pathlib import Path

import pytest

from functions.farebox.tokens import vocabulary
from functions.farebox.tokens.counting import Tally
from functions.farebox.tokens.elsewhere import beyond_twice
from tests.support.processes import ROOT

PROSE = ["README.md", "docs/security.md", "docs/architecture.md"]

# What a vocabulary takes for it that is known to merge least: tokens a character.
DEAR = {
    "blanks": (" " * 1000, 1 / 16),
    "blanks of a vocabulary that merges two": (" " * 1000, 1 / 2),
    "newlines": ("\n" * 1000, 1),
    "tabs": ("\t" * 1000, 1),
    "lines of Windows": ("\r\n" * 500, 1),
    "digits": ("1234567890" * 100, 1),
    "digits in a sentence": ("We counted 1234567890 of 9876543210 on 2026-11-28. " * 20, 0.55),
    "a rule": ("=" * 1000, 1),
    "one letter": ("a" * 1000, 1),
    "Hindi": ("नमस्ते दुनिया " * 50, 2.6),
    "Chinese": ("今天的天气非常好" * 60, 3),
    "emoji": ("😀" * 250, 4),
    "half of a pair": ("\ud83d" * 250, 1),
    "long words": (".translatesAutoresizingMaskIntoConstraints" * 25, 1 / 3),
    "long words of another language": (" verantwoordelijkheid" * 50, 1 / 3),
    "a table": ("|----------|==========|\n" * 40, 0.9),
}


def ceiling(text: str) -> int:
    tokens, _ = vocabulary.count(text, "o200k_base")
    return 2 * tokens + beyond_twice(text, tokens)


@pytest.mark.parametrize("name", DEAR)
def test_what_others_merge_less_is_held_for(name: str) -> None:
    text, tokens_a_character = DEAR[name]
    assert ceiling(text) >= len(text) * tokens_a_character
    assert ceiling(text) <= max(len(text.encode(errors="replace")), 2 * vocabulary.count(text, "o200k_base")[0])


@pytest.mark.parametrize("path", PROSE)
def test_prose_is_held_for_little_more_than_twice_its_count(path: str) -> None:
    text = (ROOT / path).read_text()
    assert ceiling(text) <= 1.25 * 2 * vocabulary.count(text, "o200k_base")[0]


def test_indented_code_is_held_for_a_third_more() -> None:
    text = Path(vocabulary.__file__).read_text()
    assert ceiling(text) <= 1.4 * 2 * vocabulary.count(text, "o200k_base")[0]


def test_no_text_is_an_empty_sum() -> None:
    assert [beyond_twice(text, tokens) for text, tokens in (("", 0), ("a", 1), ("aa", 1))] == [0, 0, 0]


@pytest.mark.parametrize(
    ("model", "served_as", "is_own"),
    [
        ("gpt-4o", ["gpt-4o", "openai/gpt-4o-mini"], True),
        ("gpt-4", ["gpt-4-turbo"], True),
        ("gpt-4o", ["llama-3.3-70b"], False),
        ("gpt-4o", ["gpt-4o", "mistral-large"], False),
        ("gpt-4o", ["gpt-4"], False),
        ("llama-3.3-70b", ["gpt-4o"], False),
    ],
)
def test_a_count_is_exact_where_all_who_may_answer_read_by_the_same_vocabulary(
    model: str, served_as: list[str], is_own: bool
) -> None:
    tally = Tally(model, served_as)
    tally.text(" " * 1000)
    assert (tally.exact, tally.elsewhere_tokens > 0) == (is_own, not is_own)
