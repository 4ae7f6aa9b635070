"""Under a pattern nobody gets a dear model at the pattern's price by writing its name in another way."""

import pytest

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices


def price(model: str, usd: int, **others: object) -> Price:
    return Price.from_config(model, {"input_usd_per_1m": usd, "output_usd_per_1m": usd, **others})


ENTRIES = [
    price("pat/*", 2),
    price("pat/x", 9),
    price("pat/cheap", 1),
    price("pat/Org/Big-Model-FP8", 8),
    price("pat/gpt-4o", 7),
    price("pat/gpt-4o-mini", 3),
    price("pat/anthropic.claude-x-20251101-v1:0", 6),
    price("pat/gemma3:27b", 5),
    price("pat/max-*", 10),
    price("elsewhere", 100),
    price("pat/claude-opus-5", 11),
    price("pat/asks/for-online:online", 50),
]
PRICES = Prices({each.model: each for each in ENTRIES})


def usd(model: str) -> int | None:
    found = PRICES.get(model)
    return None if found is None else found.input // 10**9


@pytest.mark.parametrize(
    ("model", "dear"),
    [
        *((f"pat/x{suffix}", 9) for suffix in (":nitro", ":free", ":thinking", "-latest", "-preview", "-fp8")),
        *((f"pat/x{suffix}", 9) for suffix in ("@001", "-20251101", "-2025-11-01", "-v1:0", "/y", "-fast", "_x")),
        *((name, 9) for name in ("pat/X", "pat/models/x", "pat/org/x", "pat/o/X:free", "pat/accounts/f/models/x-awq")),
        *((name, 8) for name in ("pat/org/big-model", "pat/ORG/BIG-MODEL:nitro", "pat/other/big-model-bf16")),
        *((name, 6) for name in ("pat/us.anthropic.claude-x-20251101-v1:0", "pat/anthropic.claude-x-v2:0")),
        *((name, 7) for name in ("pat/gpt-4o-audio", "pat/ft:gpt-4o:acme::id")),
        *((name, 3) for name in ("pat/gpt-4o-mini:nitro", "pat/GPT-4o-mini-2024-07-18")),
        *(
            (f"pat/{place}claude-opus-5{version}", 11)
            for place in (
                *("anthropic.", "us.anthropic.", "eu.anthropic.", "global.anthropic.", "us-gov.anthropic.", "jp."),
                *("bedrock/anthropic.", "bedrock/us-east-1/au.anthropic.", "bedrock/converse/apac.anthropic."),
            )
            for version in ("", "-v1:0", "-20260101-v1:0", "-v1")
        ),
        ("pat/gemma3:27b-it-q8_0", 5),
        ("pat/MAX-two", 10),
        ("pat/models/max-two", 10),
    ],
)  # fmt: skip
def test_a_name_that_may_mean_a_dear_model_costs_what_that_does(model: str, dear: int) -> None:
    assert usd(model) == dear
    assert PRICES[model].model == model


@pytest.mark.parametrize(
    "model",
    [
        *("pat/y", "pat/xy", "pat/x.1", "pat/gpt-4", "pat/gpt-4.1"),
        *("pat/gemma3:4b", "pat/elsewhere", "pat/y:free", "pat/cheap:free"),
    ],
)
def test_another_model_has_the_price_of_the_pattern(model: str) -> None:
    assert usd(model) == 2


@pytest.mark.parametrize(
    "model", ["pat/x:online", "pat/y@preset/z", "~pat/y", "pat//y", "pat/y%20", "pat/y?z", "pat/y "]
)
def test_a_name_that_is_not_plain_has_no_price_by_a_pattern(model: str) -> None:
    assert usd(model) is None


def test_an_own_price_is_that_of_its_name_to_the_letter() -> None:
    assert (usd("pat/x"), usd("pat/cheap"), usd("pat/asks/for-online:online")) == (9, 1, 50)


def test_of_two_that_are_each_dearer_in_something_both_count() -> None:
    own = Price.from_config("p/a", {"input_usd_per_1m": 1, "output_usd_per_1m": 30, "context_tokens": 10})
    pattern = price("p/*", 5, search_usd=1, context_tokens=20)
    found = Prices({each.model: each for each in (own, pattern)})["p/a:free"]
    assert (found.model, found.input // 10**9, found.output // 10**9) == ("p/a:free", 5, 30)
    assert (found.calls["search"] // 10**9, found.context_tokens) == (1, 10)


def test_a_pattern_is_priced_by_another_as_it_is_written() -> None:
    assert usd("pat/big-*") == 2
