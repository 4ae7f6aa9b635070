"""A pattern prices what it matches and what has no price of its own."""

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices


def price(model: str, usd: int) -> Price:
    return Price.from_config(model, {"input_usd_per_1m": usd, "output_usd_per_1m": usd})


ENTRIES = [price("p/*", 1), price("p/big-*", 2), price("p/big-one", 3), price("other", 4)]
PRICES = Prices({each.model: each for each in ENTRIES})


def test_the_own_price_counts_first_and_then_the_longest_pattern() -> None:
    names = ("p/big-one", "p/big-two", "p/small", "other")
    assert [PRICES[name].input // 10**9 for name in names] == [3, 2, 1, 4]
    assert PRICES.get("unheard-of") is None
    assert "p/" not in PRICES


def test_a_price_by_a_pattern_is_that_of_the_model() -> None:
    assert PRICES["p/small"].model == "p/small"
    assert PRICES["p/small"].rates(5).input == PRICES["p/*"].input


def test_a_list_shows_its_entries_by_name_and_as_they_are_written() -> None:
    assert list(PRICES) == ["other", "p/*", "p/big-*", "p/big-one"]
    assert len(PRICES) == 4
