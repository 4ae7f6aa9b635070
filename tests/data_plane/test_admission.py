"""Prompts that cannot fit are refused before they cost anything."""

from typing import Any

import pytest

from functions.farebox.data_plane.admission import Admitted, admit
from functions.farebox.errors import InvalidRequest, OutOfMoney
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.bill import most
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from tests.support.calls import checked
from tests.support.fixtures.lease_pools import Opened, Wallet

ENTRY = {"input_usd_per_1m": "1", "output_usd_per_1m": "2", "context_tokens": 400}


@pytest.mark.parametrize("model", ["gpt-4o-mini", "llama-3.1-8b"])
@pytest.mark.parametrize(("words", "fits"), [(300, True), (900, False)])
async def test_a_prompt_over_the_models_context_is_refused(
    instance: Opened, wallet: Wallet, model: str, words: int, fits: bool
) -> None:
    uid, leases = await wallet(), instance()
    body = {"model": model, "messages": [{"role": "user", "content": "word " * words}]}
    asking = admit(leases, uid, KeyTerms("key-1"), Tariff.of([Price.from_config(model, ENTRY)]), checked(body))
    if fits:
        leases.cancel((await asking).hold)
    else:
        with pytest.raises(InvalidRequest) as refused:
            await asking
        assert refused.value.code == "context_length_exceeded"


SAID = [{"role": "user", "content": "Hello"}]
RICH = Price.from_config(
    "gpt-4o",
    {
        "input_usd_per_1m": "1",
        "output_usd_per_1m": "2",
        "context_tokens": 2_000,
        "max_output_tokens": 1_000,
        "service_tiers": {"priority": {"input_usd_per_1m": "2", "output_usd_per_1m": "4"}},
        "search_usd": "0.01",
    },
)
TARIFF = Tariff.of([RICH])


async def admitted(instance: Opened, wallet: Wallet, uid: str = "ada", **fields: Any) -> Admitted:
    uid, leases = await wallet(uid), instance()
    body = {"model": "gpt-4o", "messages": SAID, **fields}
    return await admit(leases, uid, KeyTerms("key-1"), TARIFF, checked(body))


@pytest.mark.parametrize(
    ("fields", "cap"),
    [
        ({}, 1_000),
        ({"max_tokens": 5_000}, 1_000),
        ({"max_tokens": 7}, 7),
        ({"messages": [{"role": "user", "content": "word " * 1_500}]}, 2_000 - 1_500 - 8),
        ({"messages": [{"role": "user", "content": "word " * 1_500}], "max_tokens": 100}, 100),
        ({"thinking_budget": 300, "messages": [{"role": "user", "content": "word " * 1_500}]}, 2_000 - 1_808),
    ],
)
async def test_the_cap_is_what_was_named_and_fits(
    instance: Opened, wallet: Wallet, fields: dict[str, Any], cap: int
) -> None:
    assert (await admitted(instance, wallet, **fields)).cap == cap


@pytest.mark.parametrize(
    ("model", "words", "told", "cap"),
    [
        ("llama", 1, None, 4_096),
        ("llama", 1, 8_192, 4_096),
        ("llama", 1, 2_000, 2_000 - 8 - 256),
        ("llama", 1_500, 2_048, 2_048 - 1_507 - 1_507 // 4),
        ("llama", 1_900, 2_048, (2_048 - 1_907) // 4),
        ("llama", 5_000, 2_048, 16),
        ("gpt-4o", 1_500, 2_048, 2_048 - 1_508),
        ("gpt-4o", 5_000, 2_048, 16),
    ],
)
async def test_without_a_context_in_the_price_the_cap_fits_into_what_upstreams_tell(
    instance: Opened, wallet: Wallet, model: str, words: int, told: int | None, cap: int
) -> None:
    price = Price.from_config(model, {"input_usd_per_1m": "1", "output_usd_per_1m": "2"})
    body = checked({"model": model, "messages": [{"role": "user", "content": "word " * words}]})
    uid, leases = await wallet(), instance()
    held = await admit(leases, uid, KeyTerms("key-1"), Tariff.of([price]), body, told_context=told)
    assert held.cap is not None
    assert abs(held.cap - cap) <= 3
    leases.cancel(held.hold)


async def test_a_context_in_the_price_counts_for_more_than_what_upstreams_tell(
    instance: Opened, wallet: Wallet
) -> None:
    uid, leases = await wallet(), instance()
    body = checked({"model": "gpt-4o", "messages": SAID})
    assert (await admit(leases, uid, KeyTerms("key-1"), TARIFF, body, told_context=100)).cap == 1_000


async def test_the_hold_is_at_the_dearest_tier_that_may_serve(instance: Opened, wallet: Wallet) -> None:
    plain = await admitted(instance, wallet)
    dearer = await admitted(instance, wallet, "bob", service_tier="priority")
    assert (plain.tier, dearer.tier) == (None, "priority")
    assert dearer.hold.amount == 2 * most(RICH, dearer.prompt_bound, 1_000)


@pytest.mark.parametrize(
    ("fields", "calls"), [({"web_search_options": {}}, 10), ({"tools": [{"type": "web_search"}], "n": 3}, 30)]
)
async def test_the_calls_of_tools_are_in_the_hold(
    instance: Opened, wallet: Wallet, fields: dict[str, Any], calls: int
) -> None:
    admission = await admitted(instance, wallet, **fields, max_tokens=16)
    tokens = most(RICH, admission.prompt_bound, admission.output_bound)
    assert admission.hold.amount == tokens + calls * 10_000_000


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ({"web_search_options": {}}, 10),
        ({"tools": [{"type": "web_search", "max_uses": 2}]}, 2),
        ({"tools": [{"type": "web_search", "max_uses": 2}], "n": 3}, 6),
    ],
)
async def test_what_a_search_finds_is_in_the_hold_once_for_every_call(
    instance: Opened, wallet: Wallet, fields: dict[str, Any], calls: int
) -> None:
    """The context is shorter than what one search finds, so that each is a context full."""
    admission = await admitted(instance, wallet, **fields, max_tokens=16)
    assert 2_000 * calls < admission.prompt_bound < 2_000 * (calls + 1)


async def test_who_cannot_pay_for_what_is_found_is_told_how_to_find_less(instance: Opened, wallet: Wallet) -> None:
    price = Price.from_config("gpt-4o", {"input_usd_per_1m": "1000", "output_usd_per_1m": "2", "search_usd": "0.01"})
    body = checked({"model": "gpt-4o", "messages": SAID, "web_search_options": {}})
    with pytest.raises(OutOfMoney, match="max_uses"):
        await admit(instance(), await wallet(), KeyTerms("key-1"), Tariff.of([price]), body)


async def test_all_that_is_generated_is_in_the_hold_and_money_lowers_the_cap_of_each(
    instance: Opened, wallet: Wallet
) -> None:
    fields: dict[str, Any] = {"n": 2, "best_of": 5, "prediction": {"type": "content", "content": "x" * 100}}
    admission = await admitted(instance, wallet, **fields)
    assert admission.output_bound > 5 * 1_100
    assert admission.hold.amount == most(RICH, admission.prompt_bound, admission.output_bound)
    dear = Price.from_config("gpt-4o", {"input_usd_per_1m": "1000", "output_usd_per_1m": "1000"})
    uid, leases = await wallet("bob", usd=1), instance()
    body = checked({"model": "gpt-4o", "messages": SAID, **fields, "max_tokens": 900})
    poor = await admit(leases, uid, KeyTerms("key-2"), Tariff.of([dear]), body)
    assert poor.cap is not None and 16 <= poor.cap < 900
    assert most(dear, poor.prompt_bound, poor.output_bound) <= poor.hold.amount <= NANOS_PER_USD
    with pytest.raises(OutOfMoney):
        await admit(leases, uid, KeyTerms("key-2"), Tariff.of([dear]), body)
    leases.cancel(poor.hold)


async def test_a_batch_of_embeddings_has_a_context_for_each_input(instance: Opened, wallet: Wallet) -> None:
    price = Price.from_config("text-embedding-3-small", {**ENTRY, "context_tokens": 100})
    uid, leases = await wallet(), instance()

    async def asked(given: Any) -> None:
        body = checked({"model": "text-embedding-3-small", "input": given})
        leases.cancel((await admit(leases, uid, KeyTerms("key-1"), Tariff.of([price]), body)).hold)

    await asked(["word " * 80] * 50)
    await asked([5] * 80)
    for too_long in ("word " * 200, [5] * 200):
        with pytest.raises(InvalidRequest, match="holds 100 tokens"):
            await asked(too_long)


async def test_a_prompt_that_others_read_by_an_openai_models_name_is_held_for_as_they_may_count_it(
    instance: Opened, wallet: Wallet
) -> None:
    """A thousand blanks are nine tokens for gpt-4o, and many more for whoever answers in its name."""
    blanks = " " * 1_000
    uid, leases = await wallet("ada"), instance()
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": blanks}], "max_tokens": 1_500}

    async def bound(name: str) -> int:
        admitted = await admit(
            leases, uid, KeyTerms("key-1"), TARIFF, checked(body), served_as=lambda _model: frozenset({name})
        )
        leases.cancel(admitted.hold)
        return admitted.prompt_bound

    own, others = [await bound(name) for name in ("gpt-4o", "llama-3.3-70b")]
    assert own < 100
    assert others >= 500
