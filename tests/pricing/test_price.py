"""A price is read exactly as it is written, or refused with the name of the model and the field."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.price import MAX_REQUEST_PRICE, Price
from functions.farebox.pricing.tiers import MAX_UNIT_PRICE
from tests.pricing.strategies import prices

PLAIN: dict[str, Any] = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}


def test_a_class_without_a_price_costs_what_its_side_does() -> None:
    price = Price.from_config("gpt-4o", PLAIN)
    assert (price.input, price.cached_input, price.cache_write, price.audio_input) == (2_500_000_000,) * 4
    assert (price.output, price.reasoning, price.audio_output) == (10_000_000_000,) * 3
    assert (price.request, price.context_tokens, price.max_output_tokens) == (0, None, None)


def test_every_field_of_the_configuration_is_read() -> None:
    price = Price.from_config(
        "@cf/google/gemma-3-12b-it",
        {
            "input_usd_per_1m": "0.0375",
            "cached_input_usd_per_1m": "0.01",
            "cache_write_usd_per_1m": "0.05",
            "audio_input_usd_per_1m": "1",
            "output_usd_per_1m": "0.15",
            "reasoning_usd_per_1m": "0.2",
            "audio_output_usd_per_1m": "2",
            "request_usd": "0.000000001",
            "context_tokens": 128_000,
            "max_output_tokens": "4096",
            "source": "https://example.com/pricing",
            "dated": "2026-11-12",
        },
    )
    assert price == Price(
        model="@cf/google/gemma-3-12b-it",
        input=37_500_000,
        cached_input=10_000_000,
        cache_write=50_000_000,
        audio_input=1_000_000_000,
        output=150_000_000,
        reasoning=200_000_000,
        audio_output=2_000_000_000,
        request=1,
        context_tokens=128_000,
        max_output_tokens=4096,
        source="https://example.com/pricing",
        dated="2026-11-12",
    )


@pytest.mark.parametrize(
    ("written", "nanos"),
    [
        ("0.0375", 37_500_000),
        (Decimal("0.0375"), 37_500_000),
        (Decimal("3.75E-2"), 37_500_000),
        (0.0375, 37_500_000),
        (0.1, 100_000_000),
        (1e-9, 1),
        (Decimal("1E+2"), 100_000_000_000),
        (Decimal("0.50000000000000"), 500_000_000),
        (3, 3_000_000_000),
        (0, 0),
    ],
)
def test_a_number_is_taken_exactly_however_it_is_written(written: object, nanos: int) -> None:
    assert Price.from_config("m", PLAIN | {"input_usd_per_1m": written}).input == nanos


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input_usd_per_1m", "-1"),
        ("input_usd_per_1m", -0.01),
        ("input_usd_per_1m", "1e3"),
        ("input_usd_per_1m", ""),
        ("input_usd_per_1m", True),
        ("input_usd_per_1m", None),
        ("input_usd_per_1m", [1]),
        ("input_usd_per_1m", float("nan")),
        ("input_usd_per_1m", float("inf")),
        ("input_usd_per_1m", Decimal("1E+999999")),
        ("input_usd_per_1m", Decimal("1E-999999")),
        pytest.param("input_usd_per_1m", 10**5000, id="an endless whole number"),
        ("output_usd_per_1m", "0.00000000001"),
        ("output_usd_per_1m", 1 / 3),
        ("cached_input_usd_per_1m", format_usd(MAX_UNIT_PRICE + 1)),
        ("request_usd", format_usd(MAX_REQUEST_PRICE + 1)),
        ("request_usd", ""),
        ("context_tokens", 0),
        ("context_tokens", -5),
        ("context_tokens", 1.5),
        ("max_output_tokens", True),
        ("max_output_tokens", "many"),
        ("source", 5),
        ("source", "two\nlines"),
        ("dated", ""),
        ("input_usd_per_1k", "1"),
    ],
)
def test_what_is_no_price_is_refused_by_the_name_of_model_and_field(field: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Price.from_config("gpt-4o", PLAIN | {field: value})
    assert refusal.value.code == "invalid_price"
    assert refusal.value.param == field
    assert "gpt-4o" in refusal.value.message
    assert field in refusal.value.message


@pytest.mark.parametrize("entry", [None, [], "0.10", 3])
def test_what_is_no_object_is_refused_by_the_name_of_the_model(entry: object) -> None:
    with pytest.raises(InvalidRequest, match="gpt-4o: write an object"):
        Price.from_config("gpt-4o", entry)


@pytest.mark.parametrize("model", ["", " gpt", "gpt 4", "..", "/x", "__x__", "m\n", "modèle", "m" * 201])
def test_what_is_no_name_of_a_model_is_refused(model: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Price.from_config(model, PLAIN)
    assert refusal.value.param == "model"


@settings(deadline=None)
@given(prices)
def test_a_price_survives_configuration_and_storage(price: Price) -> None:
    assert Price.from_document(price.to_document()) == price
    again = Price.from_config(price.model, json.loads(json.dumps(price.to_config())))
    assert again.same_terms(price)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=1000, places=9))
def test_any_price_of_nine_decimals_is_exact(usd: Decimal) -> None:
    assert Price.from_config("m", PLAIN | {"input_usd_per_1m": usd}).input == int(usd * 10**9)
