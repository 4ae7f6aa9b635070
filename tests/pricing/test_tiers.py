"""Prices that vary with the prompt's length and the service tier are read exactly, or refused by model and field."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import format_usd, parse_usd
from functions.farebox.pricing.bill import charge
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import ALL_CLASSES
from functions.farebox.tokens.usage.usage import Usage
from tests.pricing.strategies import varied_prices

USD = 10**9
PLAIN: dict[str, Any] = {"input_usd_per_1m": "1", "output_usd_per_1m": "10"}
LONG: dict[str, Any] = {"above_prompt_tokens": 200_000, "input_usd_per_1m": "2", "output_usd_per_1m": "15"}
PRO = {
    **PLAIN,
    "cached_input_usd_per_1m": "0.1",
    "audio_input_usd_per_1m": "4",
    "tiers": [LONG],
    "service_tiers": {
        "flex": {"input_usd_per_1m": "0.5", "output_usd_per_1m": "5", "tiers": [{**LONG, "input_usd_per_1m": "1"}]},
        "priority": {"input_usd_per_1m": "2", "output_usd_per_1m": "12"},
    },
    "search_usd": "0.035",
    "tools_usd": {"code_interpreter": "0.03"},
}


def _kept(price: Price) -> list[Price]:
    """A price, and what became of it in storage, in configuration and in an operator's hands."""
    entries = (price.to_config(), price.to_config(as_set=True))
    return [price, Price.from_document(price.to_document()), *(Price.from_config("m", entry) for entry in entries)]


def test_the_tier_that_a_prompt_reached_has_its_own_rates() -> None:
    price = Price.from_config("pro", PRO)
    assert price.rates(200_000) is price
    assert (price.rates(200_001).input, price.rates(200_001).output) == (2 * USD, 15 * USD)
    assert (price.rates(0, "flex").input, price.rates(200_001, "flex").input) == (USD // 2, USD)


def test_a_service_tier_without_rates_has_the_standard_ones() -> None:
    price = Price.from_config("pro", PRO)
    assert price.rates(1, "default") is price
    assert price.rates(1, "scale") is price
    assert price.rates(200_001, "scale") == price.rates(200_001)


def test_a_class_that_a_tier_does_not_name_follows_its_side_there() -> None:
    price = Price.from_config("pro", PRO)
    long, flex, priority = price.rates(200_001), price.rates(1, "flex"), price.rates(1, "priority")
    assert (long.cached_input, long.audio_input, long.reasoning) == (USD // 5, 8 * USD, 15 * USD)
    assert (flex.cached_input, flex.audio_input, flex.reasoning) == (USD // 10, 4 * USD, 5 * USD)
    assert (priority.cached_input, priority.audio_input, priority.reasoning) == (USD // 5, 8 * USD, 12 * USD)
    assert (flex.cache_write, priority.cache_write) == (USD // 2, 2 * USD)


OWN = {"cached_input_usd_per_1m": "0.8", "cache_write_usd_per_1m": "1.25", "image_input_usd_per_1m": "2"}


@pytest.mark.parametrize(
    ("standard", "thinking"), [({}, "5"), ({"reasoning_usd_per_1m": "10"}, "5"), ({"reasoning_usd_per_1m": "4"}, "2")]
)
def test_thinking_in_a_cheaper_service_tier_is_as_much_cheaper(standard: dict[str, str], thinking: str) -> None:
    price = Price.from_config("m", PRO | standard)
    for kept in _kept(price):
        bill = charge(kept, Usage(prompt_tokens=0, completion_tokens=10**6, reasoning_tokens=10**6), tier="flex")
        assert [(line.token_class, line.unit_price) for line in bill.lines] == [("reasoning", int(thinking) * USD)]


def test_what_a_cache_costs_is_in_proportion_but_reading_it_no_less_than_outside_nor_more_than_the_side() -> None:
    flex = Price.from_config("m", PRO | OWN).rates(1, "flex")
    assert (flex.cached_input, flex.cache_write, flex.image_input) == (USD // 2, 625_000_000, 1 * USD)
    priority = Price.from_config("m", PRO | OWN).rates(1, "priority")
    assert (priority.cached_input, priority.cache_write, priority.image_input) == (
        1_600_000_000,
        2_500_000_000,
        4 * USD,
    )


def test_a_share_that_is_no_whole_nano_is_rounded_up() -> None:
    uneven = {"input_usd_per_1m": "0.000000003", "output_usd_per_1m": "0.000000003", "reasoning_usd_per_1m": "1"}
    flex = {"input_usd_per_1m": "0.000000001", "output_usd_per_1m": "0.000000001"}
    price = Price.from_config("m", {**uneven, "service_tiers": {"flex": flex}})
    assert price.rates(1, "flex").reasoning == 333_333_334


def test_thinking_beside_free_output_is_not_free_in_a_tier() -> None:
    entry = {"input_usd_per_1m": "1", "output_usd_per_1m": "0", "reasoning_usd_per_1m": "3"}
    price = Price.from_config("m", {**entry, "service_tiers": {"flex": {**PLAIN, "output_usd_per_1m": "0"}}})
    assert price.rates(1, "flex").reasoning == 3 * USD


DEAR = {
    "audio_input_usd_per_1m": "4",
    "audio_output_usd_per_1m": "60",
    "cache_write_1h_usd_per_1m": "2",
    "image_output_usd_per_1m": "30",
}
DEAR_NAMES = ("audio_input", "audio_output", "cache_write_1h", "image_output")


def test_a_dear_class_is_as_many_times_dearer_in_a_dearer_tier() -> None:
    price = Price.from_config("m", PRO | DEAR)
    assert [price.rates(1, "priority").rate(name) // USD for name in DEAR_NAMES] == [8, 72, 4, 36]
    assert [price.rates(200_001).rate(name) // USD for name in DEAR_NAMES] == [8, 90, 4, 45]
    assert [price.rates(1, "flex").rate(name) // USD for name in DEAR_NAMES] == [4, 60, 2, 30]


@pytest.mark.parametrize("name", DEAR_NAMES)
def test_a_dearer_service_tier_lacks_a_dear_class_that_it_was_not_given(name: str) -> None:
    price = Price.from_config("m", PRO | DEAR)
    assert price.lacks([name]) is price.lacks([name, "flex"]) is price.lacks(["default", name]) is None
    assert price.lacks([name, "priority"]) == price.lacks(["priority", name]) == name
    for usd in ("2.5", DEAR[f"{name}_usd_per_1m"], "200", "8", "72", "4", "36"):
        priority = {**PRO["service_tiers"]["priority"], f"{name}_usd_per_1m": usd}
        given = Price.from_config("m", PRO | DEAR | {"service_tiers": {"priority": priority}})
        for kept in _kept(given):
            assert kept.lacks([name, "priority"]) is None
            assert kept.same_terms(given)


@pytest.mark.parametrize("name", ["audio_input", "audio_output"])
def test_a_dear_class_may_be_given_the_price_of_its_side(name: str) -> None:
    side = PLAIN["input_usd_per_1m" if name == "audio_input" else "output_usd_per_1m"]
    price = Price.from_config("m", PLAIN)
    given = Price.from_config("m", PLAIN | {f"{name}_usd_per_1m": side})
    for kept in _kept(given):
        assert kept.lacks([name]) is None
        assert kept.same_terms(given)
    for kept in _kept(price):
        assert kept.lacks([name]) == name
        assert kept.same_terms(price)


def test_a_length_that_a_service_tier_does_not_name_costs_what_is_dearer() -> None:
    priority = Price.from_config("pro", PRO).rates(200_001, "priority")
    assert (priority.input, priority.output) == (2 * USD, 15 * USD)


def test_an_hour_in_the_cache_and_images_cost_what_stands_in_for_them() -> None:
    price = Price.from_config("m", PLAIN | {"cache_write_usd_per_1m": "1.25"})
    assert [price.rate(name) for name in ("cache_write_1h", "image_input", "image_output")] == [
        1_250_000_000,
        1 * USD,
        10 * USD,
    ]
    own = {"cache_write_1h_usd_per_1m": "2", "image_input_usd_per_1m": "3", "image_output_usd_per_1m": "30"}
    price = Price.from_config("m", PLAIN | own)
    assert (price.cache_write_1h, price.image_input, price.image_output) == (2 * USD, 3 * USD, 30 * USD)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tiers": {}}, "tiers"),
        ({"tiers": [7]}, "tiers[0]"),
        ({"tiers": [PLAIN]}, "tiers[0].above_prompt_tokens"),
        ({"tiers": [{**LONG, "above_prompt_tokens": 0}]}, "tiers[0].above_prompt_tokens"),
        ({"tiers": [LONG, LONG]}, "tiers[1].above_prompt_tokens"),
        ({"tiers": [{**LONG, "input_usd_per_1m": "-1"}]}, "tiers[0].input_usd_per_1m"),
        ({"tiers": [{**LONG, "input_usd_per_1m": "0.5"}]}, "tiers[0].input_usd_per_1m"),
        ({"tiers": [{**LONG, "output_usd_per_1m": None}]}, "tiers[0].output_usd_per_1m"),
        ({"tiers": [{**LONG, "request_usd": "1"}]}, "tiers[0].request_usd"),
        ({"tiers": [LONG] * 11}, "tiers"),
        ({"service_tiers": []}, "service_tiers"),
        ({"service_tiers": {"default": PLAIN}}, "service_tiers"),
        ({"service_tiers": {"search": PLAIN}}, "service_tiers"),
        ({"service_tiers": {"Flex ": PLAIN}}, "service_tiers"),
        ({"service_tiers": {"flex": {**PLAIN, "output_usd_per_1m": True}}}, "service_tiers.flex.output_usd_per_1m"),
        ({"service_tiers": {"flex": {**PLAIN, "tiers": [{}]}}}, "service_tiers.flex.tiers[0].above_prompt_tokens"),
        ({"search_usd": "-0.01"}, "search_usd"),
        ({"search_usd": "101"}, "search_usd"),
        ({"tools_usd": {"search": "1"}}, "tools_usd"),
        ({"tools_usd": {"file_search": "x"}}, "tools_usd.file_search"),
        ({"tools_usd": {"speed.fast": "x"}}, "tools_usd.speed.fast"),
        ({"tools_usd": {"speed.": "1"}}, "tools_usd"),
        ({"tools_usd": {"a.b.c": "1"}}, "tools_usd"),
        ({"tools_usd": {f"speed.{'a' * 30}": "1"}}, "tools_usd"),
        ({"tools_tokens": {".fast": 1}}, "tools_tokens"),
        ({"service_tiers": {"speed.fast": PLAIN}}, "service_tiers"),
    ],
)
def test_what_is_no_price_is_refused_by_the_name_of_model_and_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Price.from_config("gpt-9", PLAIN | change)
    assert (refusal.value.code, refusal.value.param) == ("invalid_price", field)
    assert f"gpt-9: {field}" in refusal.value.message


@pytest.mark.parametrize("model", ["a*b*", "**"])
def test_a_pattern_has_one_star(model: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Price.from_config(model, PLAIN)
    assert refusal.value.param == "model"


@settings(deadline=None, max_examples=50)
@given(varied_prices())
def test_a_price_that_varies_survives_configuration_and_storage(price: Price) -> None:
    assert Price.from_document(price.to_document()) == price
    assert Price.from_config("m", json.loads(json.dumps(price.to_config()))).same_terms(price)
    assert Price.from_config("m", json.loads(json.dumps(price.to_config(as_set=True)))).same_terms(price)


def test_an_entry_as_it_was_set_leaves_out_what_follows_from_it() -> None:
    price = Price.from_config("m", PRO | DEAR)
    assert price.to_config(as_set=True) == json.loads(json.dumps(_exact(PRO | DEAR))) | {"request_usd": "0.00"}


def _exact(entry: Any) -> Any:
    """Amounts as they are written back."""
    if isinstance(entry, dict):
        return {name: _exact(each) for name, each in entry.items()}
    if isinstance(entry, list):
        return [_exact(each) for each in entry]
    return format_usd(parse_usd(entry)) if isinstance(entry, str) else entry


@settings(deadline=None, max_examples=50)
@given(varied_prices())
def test_no_class_is_cheaper_in_a_longer_prompt(price: Price) -> None:
    for tier in ("", *price.service_tiers):
        reached = [price.rates(length, tier) for length in (0, 1, 2, 101, 1_001, 5_001)]
        for name in ALL_CLASSES:
            rates = [each.rate(name) for each in reached]
            assert rates == sorted(rates)


def test_a_document_of_the_version_before_is_the_price_that_it_was() -> None:
    document = {
        "model": "m",
        "input": 5,
        "cached_input": 1,
        "cache_write": 6,
        "audio_input": 5,
        "output": 9,
        "reasoning": 9,
        "audio_output": 9,
        "request": 2,
        "context_tokens": None,
        "max_output_tokens": 7,
        "source": None,
        "dated": None,
        "version": "3",
        "effective_at": None,
        "active": True,
        "actor": "ada",
    }
    price = Price.from_document(document)
    assert price == Price.from_document(price.to_document())
    assert (price.variants, price.calls, price.cache_write_1h, price.rate("cache_write_1h")) == ((), {}, None, 6)
    assert price.to_document().items() <= document.items()


def test_what_has_no_price_is_named() -> None:
    price = Price.from_config("pro", PRO | {"audio_output_usd_per_1m": "64"})
    assert price.lacks(["default", "auto", "flex", "priority", "search", "code_interpreter"]) is None
    assert price.lacks(["audio_input", "audio_output"]) is None
    for feature in ("scale", "file_search", "image_output", "cache_write_1h", "telepathy"):
        assert price.lacks(["search", feature]) == feature
    for feature in ("flex", "search", "audio_input", "audio_output"):
        assert Price.from_config("plain", PLAIN).lacks([feature]) == feature
    assert Price.from_config("m", PLAIN | {"cache_write_1h_usd_per_1m": "2"}).lacks(["cache_write_1h"]) is None


@pytest.mark.parametrize(
    ("asked", "named", "served"),
    [
        (None, None, None),
        ("flex", None, None),
        ("priority", None, "priority"),
        ("flex", "flex", "flex"),
        ("flex", "default", None),
        ("priority", "standard", None),
        (None, "Priority", "priority"),
        (None, "scale", None),
        ("flex", "scale", None),
    ],
)
def test_the_tier_that_served_is_the_one_that_the_answer_names(
    asked: str | None, named: str | None, served: str | None
) -> None:
    assert Price.from_config("pro", PRO).tier_served(asked, named) == served
