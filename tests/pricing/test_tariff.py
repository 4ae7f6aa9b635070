"""What a request may be priced as."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from functions.farebox.pricing.bill import charge, most
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.tokens.usage.usage import Usage
from tests.pricing.strategies import split_usages, varied_prices


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


def test_an_answer_that_names_its_model_is_priced_as_that_one_where_the_list_has_it() -> None:
    listed = {name: price(name) for name in ("a", "b", "c")}
    tariff = Tariff.of([listed["a"], listed["b"]], listed)
    for _ in range(2):  # what was found is remembered
        assert tariff.answered("a", "up-a", None) == (listed["a"], False)
        assert tariff.answered("a", "up-a", "up-a") == (listed["a"], False)
        assert tariff.answered("a", "up-a", "vendor/A-2026-01-01") == (listed["a"], False)
        assert tariff.answered("a", "up-a", "b") == (listed["b"], True)
        assert tariff.answered("a", "up-a", "vendor/c-latest") == (listed["c"], True)
        assert tariff.answered("a", "up-a", "nobody's") == (listed["a"], True)
    assert tariff == Tariff.of([listed["a"], listed["b"]], listed)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(varied_prices(), min_size=1, max_size=3),
    split_usages(),
    st.integers(0, 6_000),
    st.sampled_from((None, "flex", "priority")),
)
def test_no_bill_of_what_varies_exceeds_what_is_held_by_the_ceiling(
    drawn: list[Price], usage: Usage, spare: int, tier: str | None
) -> None:
    tariff = Tariff.of([replace(each, model=f"m{n}") for n, each in enumerate(drawn)])
    calls = {"file_search": 3}
    usage = structs.replace(usage, calls=tuple(calls.items()))
    held = most(
        tariff.ceiling,
        usage.prompt_tokens + spare,
        usage.completion_tokens + spare,
        tier=tier,
        calls={**calls, "search": usage.searches},
    )
    assert all(charge(each, usage, tier=tier).total <= held for each in tariff.prices.values())


def test_what_one_of_those_who_may_answer_has_no_price_for_is_lacking() -> None:
    both = Tariff.of([price("a", search_usd="0.01"), price("b", search_usd="0.02", audio_output_usd_per_1m="9")])
    assert both.lacks(["search"]) is None
    assert both.lacks(["search", "audio_output"]) == "audio_output"
    assert both.ceiling.calls == {"search": 20_000_000}
