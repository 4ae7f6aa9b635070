"""What a request may be priced as."""

import pytest

from functions.farebox.pricing.bill import charge, most
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.tokens.usage.usage import Usage


def price(model: str, **entry: object) -> Price:
    return Price.from_config(model, {"input_usd_per_1m": "1", "output_usd_per_1m": "1", **entry})


def test_one_price_is_its_own_ceiling() -> None:
    only = price("a")
    assert Tariff.of([only]).ceiling is only


def test_the_ceiling_is_the_dearest_of_each_class_and_keeps_every_limit() -> None:
    one = price("a", input_usd_per_1m="3", request_usd="0.1", context_tokens=100)
    other = price("b", reasoning_usd_per_1m="9", context_tokens=200, max_output_tokens=50)
    ceiling = Tariff.of([one, other]).ceiling
    assert (ceiling.input, ceiling.reasoning, ceiling.request) == (one.input, other.reasoning, one.request)
    assert (ceiling.context_tokens, ceiling.max_output_tokens) == (100, 50)


@pytest.mark.parametrize("usage", [Usage(7, 5), Usage(7, 5, cached_tokens=7), Usage(1, 9, reasoning_tokens=9)])
def test_no_bill_of_anybody_exceeds_what_is_held_by_the_ceiling(usage: Usage) -> None:
    prices = [price("a", input_usd_per_1m="3"), price("b", reasoning_usd_per_1m="9", cached_input_usd_per_1m="5")]
    tariff = Tariff.of(prices)
    held = most(tariff.ceiling, usage.prompt_tokens, usage.completion_tokens)
    assert all(charge(one, usage).total <= held for one in prices)


def test_whoever_answers_is_priced_as_itself_and_a_stranger_by_the_ceiling() -> None:
    tariff = Tariff.of([price("a"), price("b", input_usd_per_1m="3")])
    assert tariff.price_of("b") is tariff.prices["b"]
    assert tariff.price_of("c") is tariff.ceiling
