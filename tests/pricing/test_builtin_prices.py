"""The price list that comes with the code is sane, dated, and says where each price is from."""

import re
from datetime import date
from typing import Any

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import ALL_CLASSES, DEAR_CLASSES
from functions.farebox.pricing.seed import read_builtin

PRICES = {model: Price.from_config(model, entry) for model, entry in read_builtin().items()}
USD = 10**9


def test_the_models_that_people_use_are_there() -> None:
    families = (
        "gpt-4o",
        "gpt-4.1",
        "o3",
        "gpt-5",
        "text-embedding-3",
        "claude",
        "gemini",
        "llama",
        "mistral",
        "qwen",
        "gemma",
    )
    for family in families:
        assert any(family in model.lower() for model in PRICES), family
    assert 60 <= len(PRICES) <= 150


def test_every_entry_is_dated_and_has_a_source() -> None:
    for model, price in PRICES.items():
        assert price.dated, model
        assert date(2026, 1, 1) <= date.fromisoformat(price.dated), model
        assert re.match(r"https://|litellm \d|built in$", price.source or ""), model


def test_every_price_is_within_the_bounds_of_the_market() -> None:
    for model, price in PRICES.items():
        assert 0 < price.input <= 50 * USD, model
        assert price.output <= 100 * USD, model
        assert price.output or price.context_tokens is None, f"{model}: only embeddings have free output"
        assert 0 < price.cached_input <= price.input, model
        assert price.input <= price.cache_write <= 2 * price.input, model
        assert price.audio_input >= price.input, model
        assert price.request == 0, model


def test_every_chat_model_has_its_limits() -> None:
    for model, price in PRICES.items():
        if price.output:
            assert price.context_tokens, model
            assert price.context_tokens >= 4_096, model


def test_no_model_is_said_to_answer_with_its_whole_context() -> None:
    for model, price in PRICES.items():
        if price.max_output_tokens:
            assert price.context_tokens, model
            assert price.max_output_tokens < price.context_tokens, model
    assert sum(price.max_output_tokens is not None for price in PRICES.values()) >= 60


def test_a_few_prices_are_the_published_ones() -> None:
    assert (PRICES["gpt-4o"].input, PRICES["gpt-4o"].cached_input, PRICES["gpt-4o"].output) == (
        2_500_000_000,
        1_250_000_000,
        10_000_000_000,
    )
    assert PRICES["text-embedding-3-small"].input == 20_000_000
    assert PRICES["claude-sonnet-4-5"].cache_write == 3_750_000_000
    assert PRICES["gemini-2.5-flash"].audio_input == 1_000_000_000


def test_a_long_prompt_has_its_own_published_price() -> None:
    pro = PRICES["gemini-2.5-pro"]
    assert pro.context_tokens == 1_048_576
    assert [(rates.input, rates.output) for rates in (pro.rates(200_000), pro.rates(200_001))] == [
        (1_250_000_000, 10_000_000_000),
        (2_500_000_000, 15_000_000_000),
    ]
    assert PRICES["gpt-5.4"].rates(272_001).input == 5_000_000_000


def test_what_varies_is_the_published_price() -> None:
    assert PRICES["gpt-4o"].rates(1, "priority").input == 4_250_000_000
    assert PRICES["o3"].rates(1, "flex").output == 4_000_000_000
    assert PRICES["claude-sonnet-4-5"].cache_write_1h == 6_000_000_000
    assert PRICES["claude-sonnet-4-5"].calls["search"] == 10_000_000
    assert PRICES["gpt-4o"].lacks(["flex"]) == "flex"


def test_every_variant_is_within_the_bounds_of_the_market() -> None:
    for model, price in PRICES.items():
        for rates in price.variants:
            standard = price.rates(rates.above_prompt_tokens + 1)
            assert standard.input / 5 <= rates.input <= 10 * standard.input, (model, rates.service_tier)
        assert all(0 < usd <= 0.05 * USD for usd in price.calls.values()), model


def test_the_model_of_a_fresh_checkout_is_cheap_and_not_free() -> None:
    echo = PRICES["echo"]
    assert (echo.input, echo.output) == (100_000_000, 400_000_000)
    assert (echo.context_tokens, echo.max_output_tokens) == (128_000, 4_096)
    assert 0 < PRICES["echo-embedding"].input <= echo.input


def test_the_file_is_sorted_so_that_an_update_shows_what_changed() -> None:
    assert list(PRICES) == sorted(PRICES)


def test_thinking_costs_what_the_output_of_its_tier_does_where_it_does_so_outside() -> None:
    for model, price in PRICES.items():
        for rates in price.variants if price.reasoning == price.output else ():
            assert rates.reasoning == rates.output, f"{model} {rates.service_tier} {rates.above_prompt_tokens}"


def test_nothing_that_a_tier_does_not_name_costs_more_than_its_side_for_that() -> None:
    for model, price in PRICES.items():
        for rates in price.variants:
            for name in set(ALL_CLASSES).difference(DEAR_CLASSES, ["cache_write"]):
                assert rates.rate(name) <= rates.side(name), f"{model} {rates.service_tier} {name}"


def test_what_follows_from_the_sides_of_a_tier_is_never_cheaper_than_what_its_vendor_names_there() -> None:
    for model, entry in read_builtin().items():
        given, followed = PRICES[model], Price.from_config(model, _with_sides_alone(entry))
        for named, found in zip(given.variants, followed.variants, strict=True):
            for name in ALL_CLASSES:
                assert found.rate(name) >= named.rate(name), f"{model} {named.service_tier} {name}"


def _with_sides_alone(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry whose tiers name nothing but their sides."""
    service_tiers = {name: _tier(each) for name, each in entry.get("service_tiers", {}).items()}
    return {**entry, "tiers": list(map(_tier, entry.get("tiers", ()))), "service_tiers": service_tiers}


def _tier(tier: dict[str, Any]) -> dict[str, Any]:
    sides = ("input_usd_per_1m", "output_usd_per_1m", "above_prompt_tokens")
    kept: dict[str, Any] = {name: tier[name] for name in sides if name in tier}
    return {**kept, "tiers": list(map(_tier, tier["tiers"]))} if "tiers" in tier else kept
