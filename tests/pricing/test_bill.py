"""A charge is exact, recomputable, never negative, and never more than what was set aside for it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import (
    MAX_CALLS,
    ONE_BP,
    Bill,
    charge,
    format_multiplier,
    largest_completion,
    most,
    parse_multiplier,
    recompute,
)
from functions.farebox.pricing.price import Price
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage
from tests.pricing.strategies import hostile_reports, multipliers, prices, split_usages, usages, varied_prices

GPT_4O = Price.from_config(
    "gpt-4o", {"input_usd_per_1m": "2.50", "cached_input_usd_per_1m": "1.25", "output_usd_per_1m": "10.00"}
).as_version("3", datetime(2026, 11, 12, tzinfo=UTC))
SONNET = Price.from_config(
    "claude-sonnet",
    {
        "input_usd_per_1m": "3",
        "cached_input_usd_per_1m": "0.30",
        "cache_write_usd_per_1m": "3.75",
        "output_usd_per_1m": "15",
    },
)
SONNET_1H = Price.from_config("sonnet-1h", {**SONNET.to_config(), "cache_write_1h_usd_per_1m": "6"})
EVERY_CLASS = Price.from_config(
    "everything",
    {
        "input_usd_per_1m": "1",
        "cached_input_usd_per_1m": "0.1",
        "cache_write_usd_per_1m": "1.25",
        "audio_input_usd_per_1m": "32",
        "output_usd_per_1m": "4",
        "reasoning_usd_per_1m": "5",
        "audio_output_usd_per_1m": "64",
        "request_usd": "0.0001",
    },
)

# Worked by hand from the published prices: what scenario 22 calls golden.
GOLDEN: list[tuple[str, Price, Usage, str]] = [
    ("plain", GPT_4O, Usage(1_000, 500), "0.0075"),
    ("cached tokens are billed once, at their own price", GPT_4O, Usage(1_000, 500, cached_tokens=800), "0.0065"),
    ("all of the prompt cached", GPT_4O, Usage(1_000, 0, cached_tokens=1_000), "0.00125"),
    ("a cache write costs more than plain input", SONNET, Usage(2_000, 0, cache_write_tokens=1_500), "0.007125"),
    (
        "a cache read and a cache write together",
        SONNET,
        Usage(10_000, 100, cached_tokens=8_000, cache_write_tokens=1_000),
        "0.01065",
    ),
    ("reasoning is output unless priced", GPT_4O, Usage(10, 1_000, reasoning_tokens=900), "0.010025"),
    ("reasoning at its own price, and the request", EVERY_CLASS, Usage(0, 1_000, reasoning_tokens=900), "0.005"),
    ("audio in and out", EVERY_CLASS, Usage(1_000, 100, audio_input_tokens=600, audio_output_tokens=80), "0.0249"),
    ("every class at once", EVERY_CLASS, Usage(1_000, 1_000, 100, 200, 300, 400, 500), "0.04476"),
    (
        "what has no price of its own costs what its side, or its kind, does",
        SONNET,
        Usage(1_000, 100, cache_write_1h_tokens=500, image_input_tokens=300, image_output_tokens=60, searches=2),
        "0.004875",
    ),
    ("three choices are three completions", GPT_4O, Usage(100, 3 * 50), "0.00175"),
    (
        "one token is rounded up to a nano-USD",
        Price.from_config("x", {"input_usd_per_1m": "0.0000001", "output_usd_per_1m": "0"}),
        Usage(1),
        "0.000000001",
    ),
]

PRO = Price.from_config(
    "gemini-pro",
    {
        "input_usd_per_1m": "1.25",
        "cached_input_usd_per_1m": "0.125",
        "output_usd_per_1m": "10",
        "tiers": [
            {
                "above_prompt_tokens": 200_000,
                "input_usd_per_1m": "2.50",
                "cached_input_usd_per_1m": "0.25",
                "output_usd_per_1m": "15",
            }
        ],
        "service_tiers": {
            "flex": {"input_usd_per_1m": "0.625", "cached_input_usd_per_1m": "0.0625", "output_usd_per_1m": "5"},
            "priority": {
                "input_usd_per_1m": "2.25",
                "output_usd_per_1m": "18",
                "tiers": [{"above_prompt_tokens": 200_000, "input_usd_per_1m": "4.50", "output_usd_per_1m": "27"}],
            },
        },
        "search_usd": "0.035",
        "tools_usd": {"code_interpreter": "0.03", "file_search": "0.0025"},
    },
).as_version("7", datetime(2026, 11, 20, tzinfo=UTC))
IMAGES = Price.from_config(
    "images",
    {
        "input_usd_per_1m": "1",
        "cache_write_usd_per_1m": "1.25",
        "cache_write_1h_usd_per_1m": "2",
        "image_input_usd_per_1m": "8",
        "output_usd_per_1m": "4",
        "image_output_usd_per_1m": "32",
    },
)
VARYING: list[tuple[str, Price, Usage, dict[str, Any], str]] = [
    ("a prompt at the edge of a tier is below it", PRO, Usage(200_000, 1_000), {}, "0.26"),
    ("all of a long request is at the dearer price", PRO, Usage(250_000, 1_000), {}, "0.64"),
    ("cached tokens count for the length", PRO, Usage(250_000, 0, cached_tokens=240_000), {}, "0.085"),
    ("flex is cheaper", PRO, Usage(1_000, 1_000), {"tier": "flex"}, "0.005625"),
    ("priority is dearer", PRO, Usage(1_000, 1_000), {"tier": "priority"}, "0.02025"),
    ("priority of a long prompt", PRO, Usage(250_000, 1_000), {"tier": "priority"}, "1.152"),
    ("flex of a long prompt without a price is the dearer one", PRO, Usage(250_000), {"tier": "flex"}, "0.625"),
    ("a tier without a price is the standard one", PRO, Usage(1_000, 1_000), {"tier": "default"}, "0.01125"),
    ("three searches", PRO, Usage(1_000, searches=3), {}, "0.10625"),
    (
        "a session of a code interpreter and four file searches",
        PRO,
        Usage(1_000, calls=(("code_interpreter", 1), ("file_search", 4), ("unheard_of", 9))),
        {},
        "0.04125",
    ),
    ("a search without a price is not on the bill", GPT_4O, Usage(1_000, searches=3), {}, "0.0025"),
    (
        "cache writes by how long they last",
        IMAGES,
        Usage(3_000, cache_write_tokens=1_000, cache_write_1h_tokens=1_000),
        {},
        "0.00425",
    ),
    ("images in and out", IMAGES, Usage(2_000, 1_000, image_input_tokens=500, image_output_tokens=900), {}, "0.0347"),
    ("images without a price are as text", GPT_4O, Usage(1_000, 500, image_input_tokens=900), {}, "0.0075"),
    ("an hour without a price is a cache write", SONNET, Usage(1_000, cache_write_1h_tokens=1_000), {}, "0.00375"),
]


@pytest.mark.parametrize(
    ("price", "usage", "given", "usd"), [case[1:] for case in VARYING], ids=[case[0] for case in VARYING]
)
def test_what_varies_is_charged_as_one_works_out_by_hand(
    price: Price, usage: Usage, given: dict[str, Any], usd: str
) -> None:
    bill = charge(price, usage, **given)
    assert bill.total == parse_usd(usd) == recompute(json.loads(json.dumps(bill.to_json())))


def test_a_bill_says_by_which_rates_it_is() -> None:
    bill = charge(PRO, Usage(250_000, searches=1), tier="priority").to_json()
    assert (bill["service_tier"], bill["above_prompt_tokens"]) == ("priority", 200_000)
    assert [line["class"] for line in bill["lines"]] == ["input", "search"]
    assert charge(PRO, Usage(1), tier="scale").to_json().keys() == charge(GPT_4O, Usage(1)).to_json().keys()


def test_a_stored_bill_comes_back_and_one_of_the_version_before_too() -> None:
    bill = charge(PRO, Usage(250_000), tier="flex")
    assert Bill.from_data(json.loads(json.dumps(bill.to_data()))) == bill
    plain = charge(GPT_4O, Usage(1_000)).to_data()
    assert plain.keys() == {"model", "price_version", "multiplier_bp", "lines"}
    assert Bill.from_data(plain) == charge(GPT_4O, Usage(1_000))


def test_the_most_is_that_of_the_longest_prompt_and_of_the_tier_that_was_asked_for() -> None:
    assert most(PRO, 200_000, 1_000) == parse_usd("0.26")
    assert most(PRO, 200_001, 0) == parse_usd("0.5000025")
    assert most(PRO, 1_000, 1_000, tier="priority") == parse_usd("0.02025")
    assert most(PRO, 0, 0, calls={"search": 2, "file_search": 1, "unheard_of": 1}) == parse_usd("0.0725")
    assert most(IMAGES, 1_000_000, 0) == parse_usd("8")
    assert (most(SONNET_1H, 1_000_000, 0), most(SONNET_1H, 1_000_000, 0, hour_cache=False)) == (
        parse_usd("6"),
        parse_usd("3.75"),
    )


def test_a_count_of_calls_beyond_reason_is_cut() -> None:
    assert charge(PRO, Usage(searches=MAX_TOKENS)).total == MAX_CALLS * parse_usd("0.035")


@pytest.mark.parametrize(("price", "usage", "usd"), [case[1:] for case in GOLDEN], ids=[case[0] for case in GOLDEN])
def test_a_charge_is_what_one_works_out_by_hand(price: Price, usage: Usage, usd: str) -> None:
    assert charge(price, usage).total == parse_usd(usd)


def test_a_usage_of_zero_costs_nothing_but_the_request() -> None:
    assert charge(GPT_4O, Usage()).total == 0
    assert charge(GPT_4O, Usage()).lines == ()
    assert charge(EVERY_CLASS, Usage()).total == parse_usd("0.0001")
    assert charge(EVERY_CLASS, Usage(), n_requests=3).total == parse_usd("0.0003")


def test_a_million_calls_at_a_ten_millionth_cost_exactly_ten_cents() -> None:
    price = Price.from_config("x", {"input_usd_per_1m": "0.1", "output_usd_per_1m": "0"})
    one_call = charge(price, Usage(prompt_tokens=1)).total
    assert one_call == parse_usd("0.0000001")
    assert sum(charge(price, Usage(prompt_tokens=1)).total for _ in range(1_000)) * 1_000 == parse_usd("0.10")
    per_request = Price.from_config(
        "y", {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "request_usd": "0.0000001"}
    )
    assert charge(per_request, Usage(), n_requests=1_000_000).total == parse_usd("0.10")


def test_a_bill_says_everything_that_it_takes_to_recompute_it() -> None:
    bill = charge(GPT_4O, Usage(1_001, 7, cached_tokens=1_000), multiplier_bp=parse_multiplier("1.25"))
    assert bill.to_json() == {
        "model": "gpt-4o",
        "price_version": "3",
        "lines": [
            {"class": "input", "count": 1, "unit_price_usd": "2.50", "per": 1_000_000, "amount_usd": "0.0000025"},
            {
                "class": "cached_input",
                "count": 1_000,
                "unit_price_usd": "1.25",
                "per": 1_000_000,
                "amount_usd": "0.00125",
            },
            {"class": "output", "count": 7, "unit_price_usd": "10.00", "per": 1_000_000, "amount_usd": "0.00007"},
        ],
        "multiplier": "1.25",
        "exact_usd": "0.001653125",
        "rounding_usd": "0",
        "total_usd": "0.001653125",
    }


def test_the_rounding_is_on_the_bill() -> None:
    price = Price.from_config("x", {"input_usd_per_1m": "0.0375", "output_usd_per_1m": "0.15"})
    bill = charge(price, Usage(prompt_tokens=1)).to_json()
    assert bill["exact_usd"] == "0.0000000375"
    assert bill["rounding_usd"] == "0.0000000005"
    assert bill["total_usd"] == "0.000000038"


@settings(deadline=None)
@given(prices, usages(), st.integers(0, 1_000), multipliers)
def test_a_receipt_recomputes_to_the_nano_usd(price: Price, usage: Usage, n_requests: int, multiplier_bp: int) -> None:
    bill = charge(price, usage, n_requests, multiplier_bp=multiplier_bp)
    receipt = json.loads(json.dumps(bill.to_json()))
    assert recompute(receipt) == bill.total == parse_any_usd(receipt["total_usd"])
    assert as_parts(receipt["exact_usd"]) + as_parts(receipt["rounding_usd"]) == as_parts(receipt["total_usd"])


@settings(deadline=None)
@given(prices, usages(), multipliers)
def test_rounding_adds_less_than_a_nano_usd_and_takes_nothing(price: Price, usage: Usage, multiplier_bp: int) -> None:
    receipt = charge(price, usage, multiplier_bp=multiplier_bp).to_json()
    assert 0 <= as_parts(receipt["rounding_usd"]) < as_parts("0.000000001")


@settings(deadline=None)
@given(prices, usages(), multipliers)
def test_a_charge_fits_into_64_bits(price: Price, usage: Usage, multiplier_bp: int) -> None:
    assert 0 <= charge(price, usage, multiplier_bp=multiplier_bp).total < 2**63


@settings(deadline=None)
@given(prices, hostile_reports, multipliers)
def test_no_reported_usage_makes_a_charge_negative(price: Price, report: dict[str, Any], multiplier_bp: int) -> None:
    usage = read_usage(report)
    assert usage is None or charge(price, usage, multiplier_bp=multiplier_bp).total >= 0


@settings(deadline=None)
@given(prices, usages(), st.integers(0, 1_000), st.integers(0, 1_000))
def test_more_tokens_never_cost_less(price: Price, usage: Usage, more_input: int, more_output: int) -> None:
    more = Usage(
        usage.prompt_tokens + more_input,
        usage.completion_tokens + more_output,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.audio_input_tokens,
        usage.reasoning_tokens,
        usage.audio_output_tokens,
    )
    assert charge(price, more).total >= charge(price, usage).total


@settings(deadline=None)
@given(prices, usages(10_000), st.integers(0, 500), st.integers(0, 500), multipliers)
def test_no_charge_exceeds_the_most_that_was_set_aside(
    price: Price, usage: Usage, spare_prompt: int, spare_completion: int, multiplier_bp: int
) -> None:
    bound = most(
        price,
        usage.prompt_tokens + spare_prompt,
        usage.completion_tokens + spare_completion,
        multiplier_bp=multiplier_bp,
    )
    assert charge(price, usage, multiplier_bp=multiplier_bp).total <= bound


@settings(deadline=None)
@given(prices, st.integers(0, 100_000), st.integers(0, 10**15), multipliers)
def test_the_largest_completion_fits_and_one_token_more_does_not(
    price: Price, prompt_tokens: int, money: int, multiplier_bp: int
) -> None:
    cap = largest_completion(price, prompt_tokens, money, multiplier_bp=multiplier_bp)
    assert 0 <= cap <= MAX_TOKENS
    if cap:
        assert most(price, prompt_tokens, cap, multiplier_bp=multiplier_bp) <= money
    if cap < MAX_TOKENS:
        assert most(price, prompt_tokens, cap + 1, multiplier_bp=multiplier_bp) > money


_tiers = st.sampled_from((None, "default", "flex", "priority"))
_calls = st.dictionaries(st.sampled_from(("file_search", "maps")), st.integers(0, 20))


@settings(deadline=None, max_examples=50)
@given(varied_prices(), split_usages(), _tiers, _calls, multipliers)
def test_a_receipt_of_what_varies_recomputes_to_the_nano_usd(
    price: Price, usage: Usage, tier: str | None, calls: dict[str, int], multiplier_bp: int
) -> None:
    usage = replace(usage, calls=tuple(calls.items()))
    bill = charge(price, usage, tier=tier, multiplier_bp=multiplier_bp)
    assert recompute(json.loads(json.dumps(bill.to_json()))) == bill.total < 2**63


@settings(deadline=None, max_examples=50)
@given(varied_prices(), split_usages(), st.integers(0, 6_000), _tiers, _calls, multipliers, st.booleans())
def test_no_charge_of_what_varies_exceeds_the_most(
    price: Price,
    usage: Usage,
    spare: int,
    tier: str | None,
    calls: dict[str, int],
    multiplier_bp: int,
    hour_cache: bool,
) -> None:
    if not hour_cache:
        usage = replace(usage, cache_write_1h_tokens=0)
    bound = most(
        price,
        usage.prompt_tokens + spare,
        usage.completion_tokens + spare,
        tier=tier,
        calls={**calls, "search": usage.searches},
        hour_cache=hour_cache,
        multiplier_bp=multiplier_bp,
    )
    usage = replace(usage, calls=tuple(calls.items()))
    assert charge(price, usage, tier=tier, multiplier_bp=multiplier_bp).total <= bound


@settings(deadline=None, max_examples=50)
@given(varied_prices(), split_usages(), st.integers(0, 6_000), _tiers)
def test_a_longer_prompt_never_costs_less(price: Price, usage: Usage, more: int, tier: str | None) -> None:
    longer = replace(usage, prompt_tokens=usage.prompt_tokens + more)
    assert charge(price, longer, tier=tier).total >= charge(price, usage, tier=tier).total


@settings(deadline=None, max_examples=50)
@given(varied_prices(), st.integers(0, 6_000), st.integers(0, 10**15), _tiers, _calls, multipliers)
def test_the_largest_completion_of_what_varies_fits_and_one_token_more_does_not(
    price: Price, prompt_tokens: int, money: int, tier: str | None, calls: dict[str, int], multiplier_bp: int
) -> None:
    cap = largest_completion(price, prompt_tokens, money, tier=tier, calls=calls, multiplier_bp=multiplier_bp)
    if cap:
        assert most(price, prompt_tokens, cap, tier=tier, calls=calls, multiplier_bp=multiplier_bp) <= money
    if cap < MAX_TOKENS:
        assert most(price, prompt_tokens, cap + 1, tier=tier, calls=calls, multiplier_bp=multiplier_bp) > money


def test_a_prompt_that_the_money_does_not_cover_leaves_no_completion() -> None:
    assert largest_completion(GPT_4O, 1_000, parse_usd("0.0024")) == 0
    assert largest_completion(GPT_4O, 1_000, parse_usd("0.0025")) == 0
    assert largest_completion(GPT_4O, 1_000, parse_usd("0.00251")) == 1


def test_a_prompt_that_lacks_one_femto_usd_leaves_no_completion() -> None:
    for output in ("0", "1"):
        price = Price.from_config("x", {"input_usd_per_1m": "0.000000001", "output_usd_per_1m": output})
        assert largest_completion(price, 1_000_001, 1) == 0


def test_the_most_assumes_the_dearest_class_of_each_side() -> None:
    assert most(EVERY_CLASS, 1_000_000, 0, 0) == parse_usd("32")
    assert most(EVERY_CLASS, 0, 1_000_000, 0) == parse_usd("64")
    assert most(EVERY_CLASS, 0, 0, 2) == parse_usd("0.0002")


def test_a_multiplier_is_exact() -> None:
    assert parse_multiplier("1.25") == 12_500
    assert parse_multiplier("1") == ONE_BP
    assert parse_multiplier("0.0001") == 1
    assert [format_multiplier(parse_multiplier(text)) for text in ("1", "1.25", "0.9", "100")] == [
        "1",
        "1.25",
        "0.9",
        "100",
    ]


@pytest.mark.parametrize(
    "text", ["", "0", "0.0000", "-1", "1e2", "1.00001", "100.0001", ".5", "1,5", "\u0661", "x", "9" * 50]
)
def test_a_multiplier_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_multiplier(text)
    assert refusal.value.code == "invalid_multiplier"


def as_parts(usd: str) -> int:
    """An exact decimal string of USD as a whole number of 1e-19 USD."""
    whole, _, decimals = usd.partition(".")
    assert len(decimals) <= 19
    return int(whole + decimals.ljust(19, "0"))


def parse_any_usd(usd: str) -> int:
    """Nano-USD, also beyond what a wallet may hold."""
    parts, rest = divmod(as_parts(usd), 10**10)
    assert rest == 0
    return parts
