"""What a request came to is charged once, and written in one commit with whatever must not be lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.data_plane.doubt import Doubt
from functions.farebox.data_plane.idempotency import Claim, Idempotency, Kept, Key
from functions.farebox.data_plane.measure import Measured
from functions.farebox.data_plane.reply import Settled
from functions.farebox.data_plane.settlement import Ending, Tab
from functions.farebox.gateway.answers import Source
from functions.farebox.gateway.trail import Attempt
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.party import Party
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import LeasePool
from functions.farebox.leases.sweep import sweep
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.bound import Bound
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.storage import Data, Set, Store, Update, Write
from functions.farebox.storage.later import Later
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import UsageRecord
from tests.support.fixtures.lease_pools import Opened, Wallet

DEAR = Price.from_config("dear", {"input_usd_per_1m": "10", "output_usd_per_1m": "10"})
CHEAP = Price.from_config("cheap", {"input_usd_per_1m": "1", "output_usd_per_1m": "1"})
OTHER = Price.from_config(
    "other",
    {
        "input_usd_per_1m": "30",
        "output_usd_per_1m": "30",
        "service_tiers": {
            "flex": {"input_usd_per_1m": "3", "output_usd_per_1m": "3"},
            "priority": {"input_usd_per_1m": "60", "output_usd_per_1m": "60"},
        },
    },
)
TARIFF = Tariff.of([DEAR, CHEAP], {"dear": DEAR, "cheap": CHEAP, "other": OTHER})
USAGE = Usage(prompt_tokens=100, completion_tokens=20)
DEAR_NANOS, CHEAP_NANOS = 1_200_000, 120_000  # of that usage
RECORD_ID = "use_1"


def answered(price: str = "dear", **fields: Any) -> Source:
    attempts = (Attempt("spare", price, "failed", 500, 0, 3), Attempt("up", price, "answered", 200, 3, 7))
    return Source("up", price, attempts, 10.5, price, **fields)


@dataclass
class Till:
    """A tab that is open, and what is behind it."""

    store: Store
    leases: LeasePool
    tab: Tab

    async def close(self, ending: Ending, *kept: Write) -> Settled:
        told: list[Settled] = []

        async def keep(settled: Settled) -> Sequence[Write]:
            told.append(settled)
            return kept

        settled = await self.tab.close(ending, keep)
        assert len(told) == 1
        return settled

    async def record(self) -> Data:
        document = await self.store.get(f"usage/{RECORD_ID}")
        assert document is not None
        return document.data


async def open_till(
    store: Store, instance: Opened, wallet: Wallet, *, held: int = 2_000_000, usd: int = 5, **fields: Any
) -> Till:
    uid, leases = await wallet(usd=usd), instance()
    hold = await leases.take(uid, KeyTerms("key-1"), Ask(held, held))
    record = UsageRecord(
        user=uid,
        key="key-1",
        lease=hold.lease.id,
        period=hold.scope.period,
        model="public",
        created_at=datetime.now(UTC),
        request_id="r1",
        price_version=DEAR.version,
        held=hold.amount,
    )
    tab = Tab(
        store=store,
        leases=leases,
        journal=Journal(store),
        hold=hold,
        tariff=TARIFF,
        record_id=RECORD_ID,
        record=record,
        now=lambda: datetime.now(UTC),
        clock=iter([10.0, 12.0]).__next__,
        later=Later(),
        **fields,
    )
    tab.open()
    return Till(store, leases, tab)


@pytest.mark.parametrize(("price", "nanos"), [("dear", DEAR_NANOS), ("cheap", CHEAP_NANOS), ("unknown", DEAR_NANOS)])
async def test_whoever_answered_is_charged_at_their_own_price(
    store: Store, instance: Opened, wallet: Wallet, price: str, nanos: int
) -> None:
    till = await open_till(store, instance, wallet)
    settled = await till.close(Ending("ok", Measured(USAGE, "provider"), answered(price)))
    assert (settled.charged, settled.balance, settled.usage) == (nanos, 5 * NANOS_PER_USD - nanos, USAGE)
    record = await till.record()
    assert (record["status"], record["cost"], record["charged"], record["shortfall"]) == ("ok", nanos, nanos, 0)
    assert (record["upstream"], record["usage_source"], record["list_cost"]) == ("up", "provider", nanos)
    assert record["tokens"] == {"prompt": 100, "cached": 0, "completion": 20, "reasoning": 0}
    assert [attempt["upstream"] for attempt in record["attempts"]] == ["spare", "up"]
    assert (record["latency_ms"], record["first_token_ms"]) == (2000, 500)


async def test_a_seller_has_their_factor_on_the_price(store: Store, instance: Opened, wallet: Wallet) -> None:
    till = await open_till(store, instance, wallet, multiplier_bp=12_500)
    assert (await till.close(Ending("ok", Measured(USAGE, "provider"), answered()))).charged == 1_500_000
    record = await till.record()
    assert (record["cost"], record["list_cost"]) == (1_500_000, DEAR_NANOS)


async def test_what_the_cache_answers_costs_its_share_and_no_upstream_anything(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet)
    hit = answered(cache="hit", cached_share_bp=1_000)
    assert (await till.close(Ending("ok", Measured(USAGE, "provider"), hit))).charged == DEAR_NANOS // 10
    record = await till.record()
    assert (record["cost"], record["list_cost"]) == (DEAR_NANOS // 10, 0)


@pytest.mark.parametrize("source", [None, answered("cheap")], ids=["nobody answered", "an upstream refused it"])
async def test_what_nobody_answered_costs_nothing_and_says_why(
    store: Store, instance: Opened, wallet: Wallet, source: Source | None
) -> None:
    till = await open_till(store, instance, wallet)
    made = (Attempt("up", "dear", "timeout", None, 0, 9),)
    settled = await till.close(Ending("error", source=source, attempts=made, error="upstream_timeout"))
    assert (settled.charged, settled.balance) == (0, 5 * NANOS_PER_USD)
    record = await till.record()
    assert (record["status"], record["error"], record["charged"]) == ("error", "upstream_timeout", 0)
    assert (record["usage_source"], record["bill"], record["price_version"]) == (None, None, DEAR.version)
    assert len(record["attempts"]) == (1 if source is None else 2)
    assert record["upstream"] == (None if source is None else "up")


async def test_what_an_upstream_counts_beyond_the_hold_is_taken_from_what_is_left(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet, held=1_000)
    assert (await till.close(Ending("ok", Measured(USAGE, "provider"), answered()))).charged == DEAR_NANOS
    assert (await till.record())["shortfall"] == 0


async def test_what_no_money_is_left_for_is_the_operators_shortfall(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet, usd=1)
    much = Usage(prompt_tokens=200_000)  # 2 USD
    settled = await till.close(Ending("ok", Measured(much, "provider"), answered()))
    assert (settled.charged, settled.balance) == (NANOS_PER_USD, 0)
    record = await till.record()
    assert (record["cost"], record["charged"], record["shortfall"]) == (2 * NANOS_PER_USD, NANOS_PER_USD, NANOS_PER_USD)


async def test_an_answer_that_names_another_model_is_charged_as_that_one_within_the_hold(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet, held=3_000_000)
    measured = Measured(USAGE, "provider", model="vendor/other-2026-01-01")
    assert (await till.close(Ending("ok", measured, answered()))).charged == 3_000_000
    record = await till.record()
    assert (record["cost"], record["shortfall"]) == (3 * DEAR_NANOS, 600_000)
    assert (record["answered_model"], record["bill"]["model"]) == ("vendor/other-2026-01-01", "other")
    assert "service_tier" not in record


@pytest.mark.parametrize(("model", "nanos"), [("cheap", 11_000), ("other", 330_000)])
async def test_what_another_model_may_have_done_unseen_is_lost_at_its_price(
    store: Store, instance: Opened, wallet: Wallet, model: str, nanos: int
) -> None:
    till = await open_till(store, instance, wallet, bound_of=lambda _model: Bound(1, 10))
    measured = Measured(Usage(), "counted", model=model)
    await till.close(Ending("ok", measured, answered("cheap"), doubt=Doubt("nobody told")))
    assert (await till.record())["lost"] == nanos


async def test_an_answer_in_another_tier_is_charged_by_it(store: Store, instance: Opened, wallet: Wallet) -> None:
    till = await open_till(store, instance, wallet)
    measured = Measured(USAGE, "provider", tier="flex", model="other")
    assert (await till.close(Ending("ok", measured, answered()))).charged == 360_000
    record = await till.record()
    assert (record["service_tier"], record["bill"]["service_tier"]) == ("flex", "flex")


@pytest.mark.parametrize(("unaware", "nanos"), [(True, 3_600_000), (False, 7_200_000)])
async def test_who_was_not_told_of_a_tier_is_charged_in_the_standard_one(
    store: Store, instance: Opened, wallet: Wallet, unaware: bool, nanos: int
) -> None:
    till = await open_till(store, instance, wallet, held=10_000_000, tier="priority")
    source = answered(went_without_tier=unaware)
    measured = Measured(USAGE, "provider", model="other")
    assert (await till.close(Ending("ok", measured, source))).charged == nanos


async def test_an_answer_by_somebody_else_who_may_answer_was_held_for(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet, held=1_000)
    settled = await till.close(Ending("ok", Measured(USAGE, "provider", model="dear"), answered("cheap")))
    assert settled.charged == DEAR_NANOS


async def test_what_is_kept_is_kept_with_the_charge(store: Store, instance: Opened, wallet: Wallet) -> None:
    till = await open_till(store, instance, wallet)
    await till.close(Ending("ok", Measured(USAGE, "provider"), answered()), Set("kept/1", {"text": "the answer"}))
    kept = await store.get("kept/1")
    assert kept is not None and kept.data == {"text": "the answer"}


async def test_a_request_that_a_sweep_gave_up_is_charged_late_and_its_answer_kept_all_the_same(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    till = await open_till(store, instance, wallet)
    await till.tab.await_pending()
    await store.write(Update(f"usage/{RECORD_ID}", {"status": "lost", "accounted": True, "cost": 0, "charged": 0}))
    settled = await till.close(
        Ending("ok", Measured(USAGE, "provider"), answered()), Set("kept/1", {"text": "the answer"})
    )
    assert settled.charged == DEAR_NANOS
    record = await till.record()
    assert (record["status"], record["charged"], record["late"], record["was_lost"]) == ("ok", DEAR_NANOS, True, True)
    assert await store.get("kept/1") is not None


@pytest.mark.parametrize("state", ["not begun", "pending", "lost"])
async def test_a_request_whose_key_is_anothers_by_now_is_charged_and_leaves_the_others_answer_alone(
    store: Store, instance: Opened, wallet: Wallet, state: str
) -> None:
    moment = datetime.now(UTC)
    keys, key = Idempotency(store, lambda: moment), Key.of("retry", "/chat/completions", b"{}")
    claim = await keys.claim(Party("ada"), key, RECORD_ID)
    assert isinstance(claim, Claim)
    moment += timedelta(minutes=2)
    taken = await keys.claim(Party("ada"), key, "use_2")
    assert isinstance(taken, Claim)
    answer = Kept({}, b"the other's", stream=False)
    await store.write(*await taken.keep(answer))

    till = await open_till(store, instance, wallet)
    if state != "not begun":
        await till.tab.await_pending()
    if state == "lost":
        await store.write(Update(f"usage/{RECORD_ID}", {"status": "lost"}))
    late = Kept({}, b"who was taken for dead", stream=False)
    settled = await till.close(Ending("ok", Measured(USAGE, "provider"), answered()), *await claim.keep(late))

    assert (settled.charged, (await till.record())["status"]) == (DEAR_NANOS, "ok")
    assert await keys.claim(Party("ada"), key, "use_3") == answer


async def test_a_request_whose_instance_died_is_lost_for_what_was_held_and_no_more_once_it_is_charged_late(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    async def booked() -> dict[str, int]:
        names = ["lost", "shortfall", "list_cost", "charged"]
        sums = await store.sums("usage_days", names)
        return {name: sums[name] for name in names}

    till = await open_till(store, instance, wallet)
    await till.tab.await_pending()
    assert (await sweep(store, datetime.now(UTC) + timedelta(hours=1))).lost == 1
    record = await till.record()
    assert (record["status"], record["charged"], record["lost"]) == ("lost", 0, 2_000_000)
    assert await booked() == {"lost": 1, "shortfall": 2_000_000, "list_cost": 2_000_000, "charged": 0}
    await till.close(Ending("ok", Measured(USAGE, "provider"), answered("cheap")))
    assert await booked() == {"lost": 0, "shortfall": 0, "list_cost": CHEAP_NANOS, "charged": CHEAP_NANOS}
    assert (await till.record())["lost"] == 0
