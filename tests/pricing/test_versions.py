"""Prices in the store: immutable versions, checked before they count."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest, NotFound
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import get_versions, load_patterns, load_prices, price_path, version_path
from functions.farebox.storage import Query, Store
from tests.support.money.prices import put_price, withdraw_price

NOW = datetime(2026, 11, 12, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
MODEL = "meta-llama/Llama-3.3-70B"


def entry(input_usd: str = "2.50", output_usd: str = "10", **more: Any) -> dict[str, Any]:
    return {"input_usd_per_1m": input_usd, "output_usd_per_1m": output_usd, **more}


def tier(input_usd: str, output_usd: str = "10") -> dict[str, Any]:
    return {"above_prompt_tokens": 200_000, **entry(input_usd, output_usd)}


async def stored(store: Store, version: str) -> Price:
    document = await store.get(version_path(MODEL, version))
    assert document is not None
    return Price.from_document(document.data)


async def test_a_price_counts_from_the_moment_it_is_put(store: Store) -> None:
    price = await put_price(store, MODEL, entry(context_tokens=8_192), now=NOW)
    assert (price.version, price.effective_at, price.context_tokens) == ("1", NOW, 8_192)
    assert await load_prices(store) == {MODEL: price}


async def test_a_new_version_leaves_the_old_one_as_it_was(store: Store) -> None:
    first = await put_price(store, MODEL, entry("2.50"), now=NOW)
    second = await put_price(store, MODEL, entry("3.00"), now=LATER)
    assert second.version == "2"
    assert await stored(store, "1") == first
    assert await get_versions(store, MODEL) == [second, first]
    assert (await load_prices(store))[MODEL] == second


async def test_an_unchanged_price_makes_no_new_version(store: Store) -> None:
    first = await put_price(store, MODEL, entry(), now=NOW)
    assert await put_price(store, MODEL, entry("2.5000"), actor="someone", now=LATER) == first
    assert await get_versions(store, MODEL) == [first]


@pytest.mark.parametrize("usd", ["25", "0.25", "0", "2500"])
async def test_a_tenfold_jump_is_refused_and_the_last_good_price_stays(store: Store, usd: str) -> None:
    first = await put_price(store, MODEL, entry("2.50"), now=NOW)
    with pytest.raises(InvalidRequest, match="input_usd_per_1m would go from") as refusal:
        await put_price(store, MODEL, entry(usd, cached_input_usd_per_1m="2.50"), now=LATER)
    assert (refusal.value.code, refusal.value.param) == ("price_jump", "input_usd_per_1m")
    assert await load_prices(store) == {MODEL: first}


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("cached_input_usd_per_1m", "1.25", "0.125"),
        ("cache_write_usd_per_1m", "3", "30"),
        ("audio_input_usd_per_1m", "3", "40"),
        ("reasoning_usd_per_1m", "10", "1"),
        ("audio_output_usd_per_1m", "20", "200"),
        ("request_usd", "0", "0.01"),
    ],
)
async def test_a_jump_of_any_class_is_refused(store: Store, field: str, before: str, after: str) -> None:
    await put_price(store, MODEL, entry(**{field: before}), now=NOW)
    with pytest.raises(InvalidRequest, match=field) as refusal:
        await put_price(store, MODEL, entry(**{field: after}), now=LATER)
    assert refusal.value.code == "price_jump"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({}, {"tiers": [tier("30", "100")]}, "tiers[above 200000].input_usd_per_1m"),
        ({"tiers": [tier("30")]}, {}, "tiers[above 200000].input_usd_per_1m"),
        ({"tiers": [tier("3")]}, {"tiers": [tier("3", "150")]}, "tiers[above 200000].output_usd_per_1m"),
        (
            {"service_tiers": {"flex": entry("2", "5")}},
            {"service_tiers": {"flex": entry("0.2", "5")}},
            "service_tiers.flex.input_usd_per_1m",
        ),
        ({"cache_write_1h_usd_per_1m": "5"}, {"cache_write_1h_usd_per_1m": "50"}, "cache_write_1h_usd_per_1m"),
        ({"search_usd": "0.01"}, {"search_usd": "0.1"}, "search_usd"),
        ({"tools_usd": {"maps": "0.01"}}, {"tools_usd": {"maps": "0"}}, "tools_usd.maps"),
    ],
)
async def test_a_jump_of_what_varies_is_refused(
    sqlite_store: Store, before: dict[str, Any], after: dict[str, Any], field: str
) -> None:
    await put_price(sqlite_store, MODEL, entry(**before), now=NOW, force=True)
    with pytest.raises(InvalidRequest) as refusal:
        await put_price(sqlite_store, MODEL, entry(**after), now=LATER)
    assert (refusal.value.code, refusal.value.param) == ("price_jump", field)
    await put_price(sqlite_store, MODEL, entry(**after), now=LATER, force=True)


@pytest.mark.parametrize(
    "more",
    [
        {"service_tiers": {"ultrafast": entry("60", "300")}},
        {"search_usd": "0.01"},
        {"cache_write_1h_usd_per_1m": "50"},
        {"tiers": [tier("5", "15")]},
    ],
)
async def test_what_had_no_price_may_have_any(sqlite_store: Store, more: dict[str, Any]) -> None:
    await put_price(sqlite_store, MODEL, entry(), now=NOW)
    price = await put_price(sqlite_store, MODEL, entry(**more), now=LATER)
    assert await load_prices(sqlite_store) == {MODEL: price}


async def test_patterns_are_found_among_all_prices(store: Store) -> None:
    pattern = await put_price(store, "p/*", entry(), now=NOW)
    await put_price(store, "p/one", entry(), now=NOW)
    assert await load_patterns(store) == {"p/*": pattern}
    await withdraw_price(store, "p/*", now=LATER)
    assert await load_patterns(store) == {}


async def test_less_than_tenfold_is_no_jump(store: Store) -> None:
    await put_price(store, MODEL, entry("2.50"), now=NOW)
    assert (await put_price(store, MODEL, entry("0.250000001"), now=LATER)).input == 250_000_001


async def test_a_jump_that_is_meant_is_forced(store: Store) -> None:
    await put_price(store, MODEL, entry("2.50"), now=NOW)
    price = await put_price(store, MODEL, entry("0.01"), now=LATER, force=True)
    assert (await load_prices(store))[MODEL] == price


async def test_a_negative_price_is_refused_even_by_force(store: Store) -> None:
    with pytest.raises(InvalidRequest, match="negative"):
        await put_price(store, MODEL, entry("-2.50"), now=NOW, force=True)
    assert await load_prices(store) == {}


async def test_a_deleted_model_has_no_price_and_keeps_its_versions(store: Store) -> None:
    first = await put_price(store, MODEL, entry(), now=NOW)
    assert await withdraw_price(store, MODEL, now=LATER) == first
    assert await withdraw_price(store, MODEL, now=LATER) == first
    assert await load_prices(store) == {}
    assert await stored(store, "1") == first


async def test_a_deleted_model_comes_back_checked_against_its_last_price(store: Store) -> None:
    first = await put_price(store, MODEL, entry("2.50"), now=NOW)
    await withdraw_price(store, MODEL, now=NOW)
    with pytest.raises(InvalidRequest, match="by a factor"):
        await put_price(store, MODEL, entry("0.01"), now=LATER)
    assert await put_price(store, MODEL, entry("2.50"), now=LATER) == first
    assert await load_prices(store) == {MODEL: first}


async def test_what_was_never_priced_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="GET /v1/models") as refusal:
        await withdraw_price(store, "unheard-of", now=NOW)
    assert refusal.value.code == "model_not_found"
    assert await get_versions(store, "unheard-of") == []


async def test_writers_at_the_same_time_each_get_a_version_of_their_own(store: Store) -> None:
    amounts = [f"2.{n:02d}" for n in range(8)]
    put_prices = await asyncio.gather(
        *(put_price(store, MODEL, entry(usd), actor=f"admin {usd}", now=NOW) for usd in amounts)
    )
    assert sorted(int(price.version) for price in put_prices) == list(range(1, 9))
    for price in put_prices:
        assert await stored(store, price.version) == price
    latest = max(put_prices, key=lambda price: int(price.version))
    assert (await load_prices(store))[MODEL] == latest


async def test_every_version_names_who_made_it_and_whether_it_was_forced(store: Store) -> None:
    await put_price(store, MODEL, entry("2.50"), actor="ada", now=NOW)
    await put_price(store, MODEL, entry("0.01"), actor="bob", now=LATER, force=True)
    documents = await store.query(Query(f"{price_path(MODEL)}/versions"))
    assert [(document.data["actor"], document.data["forced"]) for document in documents] == [
        ("ada", False),
        ("bob", True),
    ]


@pytest.mark.parametrize("model", ["a/b", "a%2Fb", "@cf/google/gemma", "a.b:c", "a#b?c", "a|b~c"])
async def test_any_name_of_a_model_is_kept_apart(store: Store, model: str) -> None:
    await put_price(store, "a", entry("1"), now=NOW)
    price = await put_price(store, model, entry("2"), now=NOW)
    assert (await load_prices(store))[model] == price
    assert len(await load_prices(store)) == 2
