"""What a vendor's tools find is read, and billed, as prompt: once more at every call."""

import pytest

from functions.farebox.pricing.ceiling import ceiling
from functions.farebox.pricing.price import Price
from functions.farebox.tokens.found import FOUND_TOKENS, read_again

ENTRY = {"input_usd_per_1m": "1", "output_usd_per_1m": "2", "search_usd": "0.01"}


@pytest.mark.parametrize(
    ("calls", "prompt", "context", "again"),
    [
        ([], 100, 1_000, 0),
        ([(20, 1)], 100, 1_000, 120),
        ([(20, 3)], 100, 1_000, 120 + 140 + 160),
        ([(20, 3)], 100, 130, 120 + 130 + 130),
        ([(20, 2), (300, 1)], 100, 10_000, 400 + 420 + 440),
        ([(0, 9), (20, 1)], 100, 1_000, 120),
        ([(20, 10_000)], 100, 100, 10_000 * 100),
        ([(1, 10**9)], 100, 1_000, sum(range(101, 1_000)) + (10**9 - 899) * 1_000),
    ],
)
def test_every_call_reads_all_again_and_no_more_than_the_context(
    calls: list[tuple[int, int]], prompt: int, context: int, again: int
) -> None:
    assert read_again(calls, prompt, context) == again


def test_an_operator_says_how_much_a_call_brings() -> None:
    price = Price.from_config("m", ENTRY)
    told = Price.from_config("m", {**ENTRY, "tools_tokens": {"search": 0, "file_search": 7}})
    assert price.found_tokens("search") == FOUND_TOKENS["search"] > 0
    assert (told.found_tokens("search"), told.found_tokens("file_search")) == (0, 7)
    assert Price.from_config("m", told.to_config()) == told
    assert Price.from_document(told.to_document()) == told
    assert ceiling([told, price]).found_tokens("search") == FOUND_TOKENS["search"]


@pytest.mark.parametrize(
    ("calls", "again"), [([(20, 1)], 120 + 120), ([(300, 2)], 400 + 500 + 500), ([], 0), ([(0, 3)], 0)]
)
def test_who_may_try_once_more_reads_all_once_more_to_be_told(calls: list[tuple[int, int]], again: int) -> None:
    assert read_again(calls, 100, 500, tries_beyond=True) == again
