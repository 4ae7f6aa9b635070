"""An answer by another model than was asked for is charged as that one, where it has a price."""

import pytest

from functions.farebox.pricing.answered_price import answered_price
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices


def price(model: str, usd: str = "1") -> Price:
    return Price.from_config(model, {"input_usd_per_1m": usd, "output_usd_per_1m": usd})


NAMES = [
    *("gpt-4o", "gpt-4o-mini", "gpt-4o-2024-11-20", "gpt-5", "gpt-5-pro", "claude-opus-4-5", "gemini-2.5-pro"),
    *("meta-llama/Llama-3.3-70B-Instruct", "gemma3:4b", "gemma3:27b", "mistral-large-2407", "mistral-large-2411"),
    *("deepseek-v3", "deepseek-v4", "openrouter/*"),
]
PRICES = Prices({name: price(name, str(n)) for n, name in enumerate(NAMES, 1)})


def answered(asked: str, name: str | None, upstream_model: str | None = None) -> str:
    return answered_price(PRICES, PRICES[asked], upstream_model or asked, name).model


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("gpt-4o", None),
        ("gpt-4o", ""),
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o", "gpt-4o-2024-11-20"),
        ("gpt-4o", "gpt-4o-latest"),
        ("gpt-4o", "GPT-4o"),
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt-4o", "openrouter/openai/gpt-4o-2024-08-06"),
        ("gpt-5", "gpt-5-2025-08-07"),
        ("claude-opus-4-5", "claude-opus-4-5-20251101"),
        ("claude-opus-4-5", "claude-opus-4-5@20251101"),
        ("claude-opus-4-5", "us.anthropic.claude-opus-4-5-20251101-v1:0"),
        ("gemini-2.5-pro", "models/gemini-2.5-pro-001"),
        ("meta-llama/Llama-3.3-70B-Instruct", "meta-llama/llama-3.3-70b-instruct:free"),
        ("mistral-large-2407", "mistral-large-latest"),
    ],
)
def test_a_snapshot_a_provider_and_casing_make_no_other_model(asked: str, name: str | None) -> None:
    assert answered_price(PRICES, PRICES[asked], asked, name) is PRICES[asked]


def test_the_upstreams_own_name_is_the_model_that_was_asked_for() -> None:
    asked = price("cheap")
    assert answered_price(PRICES, asked, "gpt-5", "gpt-5-2025-08-07") is asked
    assert answered_price(PRICES, asked, "azure-deployment", "gpt-5-2025-08-07").model == "gpt-5"


@pytest.mark.parametrize(
    ("asked", "name", "charged"),
    [
        ("gpt-4o-mini", "gpt-4o", "gpt-4o"),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-5", "gpt-5-pro-2025-10-06", "gpt-5-pro"),
        ("gpt-5", "openai/GPT-5-Pro", "gpt-5-pro"),
        ("gpt-5", "gpt-4o-2024-11-20", "gpt-4o-2024-11-20"),
        ("gemma3:4b", "gemma3:27b", "gemma3:27b"),
        ("deepseek-v3", "deepseek-v4", "deepseek-v4"),
        ("gpt-4o", "llama-3.3-70b-instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("gpt-4o", "openrouter/auto", "openrouter/auto"),
    ],
)
def test_another_model_is_charged_by_its_own_price(asked: str, name: str, charged: str) -> None:
    assert answered(asked, name) == charged


def test_of_snapshots_that_are_listed_the_dearest_counts_where_none_is_named() -> None:
    assert answered("gpt-5", "gpt-4o-2024-08-06") == "gpt-4o-2024-11-20"
    assert answered("gpt-5", "mistral-large-latest") == "mistral-large-2411"


@pytest.mark.parametrize("name", ["unheard-of", "gpt-6", "x" * 300, ":", "/", "*", "\n"])
def test_a_name_without_a_price_is_charged_as_was_asked(name: str) -> None:
    assert answered("gpt-5", name) == "gpt-5"


@pytest.mark.parametrize(
    ("name", "charged"),
    [
        *((f"gpt-5-pro{suffix}", "gpt-5-pro") for suffix in ("-fp8", "-preview", ":thinking", "@x", "-2025-10-06-eu")),
        ("openai/GPT-5-Pro-Preview", "gpt-5-pro"),
        ("gemma3:27b-it-q8_0", "gemma3:27b"),
        ("mistral-large-instruct", "mistral-large-2411"),
    ],
)
def test_a_name_that_begins_like_a_dear_model_is_charged_as_that(name: str, charged: str) -> None:
    assert answered("gpt-4o", name) == charged


@pytest.mark.parametrize("name", ["gpt-4o-fp8", "gpt-4o-mini:thinking", "gpt-4o-nano", "gpt-4.1"])
def test_a_name_that_begins_like_a_cheaper_model_makes_nothing_cheaper(name: str) -> None:
    assert answered("gpt-5-pro", name) == "gpt-5-pro"
