"""What events that a provider sends come to, case by case.

Each file of `cases/` has the events of Stripe or of Creem in their order (`[kind, object]`, or with the second at which
it was told), what is right in words (`want`), and what is to be found then (`expect`). `plans` are plans' products by
provider, `terms` other terms of theirs, `known` what the provider says when it is asked, `now` when it is looked at.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.accounts.plans import Plans, plan_path
from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.settlement import begin_due_parts
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Query, Store, Update
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, open_account
from tests.support.money.provider_events import BEGIN, Known, Object, creem_event, stamp, stripe_event, tell
from tests.support.money.wallet_books import clean_audit

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.json"))}
Told = tuple[Object, datetime]


def read_case(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8").replace("UID", PAYER))
    return case


def events_of(case: dict[str, Any]) -> Iterator[Told]:
    """The events, a second apart where nothing else is said."""
    make, told = (stripe_event, case["stripe"]) if "stripe" in case else (creem_event, case["creem"])
    at = BEGIN - timedelta(seconds=1)
    for number, (kind, about, *second) in enumerate(told):
        at = datetime.fromtimestamp(second[0], UTC) if second else at + timedelta(seconds=1)
        yield make(kind, about, at, f"evt_{number}"), at


def in_order(told: Sequence[Told], order: str) -> Sequence[Told]:
    """The events as they come, but each twice; or those of a day backwards, once all of them have happened."""
    if order == "each twice":
        return [each for each in told for _ in range(2)]
    by_time = sorted(told, key=lambda each: each[1])
    days = [list(each) for _, each in groupby(by_time, key=lambda each: stamp(each[1]) // 86400)]
    return [(event, day[-1][1]) for day in days for event, _ in reversed(day)]


async def entries(store: Store) -> list[list[str]]:
    """The ledger of the payer, oldest first: type and amount."""
    query = Query(f"{wallet_path(PAYER)}/transactions", order_by="seq", limit=200)
    return [[each.data["type"], format_usd(each.data["amount"])] for each in await store.query(query)]


async def found(store: Store, now: datetime) -> dict[str, Any]:
    """What a case may expect."""
    await begin_due_parts(store, now)
    await post(store, PAYER, now)  # so that what has lapsed by now is seen to have
    user, wallet = await store.get(f"users/{PAYER}"), await wallet_of(store, PAYER)
    assert user is not None
    payer = await read_payer(store, PAYER)
    subscription = running(payer, now)
    ends_at = None if subscription is None else subscription.ends_at
    return {
        "plan": user.data["plan"],
        "balance_usd": format_usd(wallet.balance),
        "debt_usd": format_usd(wallet.debt),
        "pending_usd": format_usd(sum(payer.pending.values())),
        "frozen": wallet.frozen,
        "seats": None if subscription is None else subscription.seats,
        "ends_at": None if ends_at is None else ends_at.isoformat().replace("+00:00", "Z"),
        "unmatched": [each.data["reason"] for each in await store.query(Query("unmatched", limit=20))],
    }


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("order", ["each twice", "the last first"])
async def test_a_case_ends_as_it_should(sqlite_store: Store, name: str, order: str) -> None:
    case = read_case(CASES[name])
    known = Known(**case.get("known", {}))
    await open_account(sqlite_store)
    await Plans(sqlite_store, lambda: BEGIN).list()
    for plan, products in case.get("plans", {}).items():
        await sqlite_store.write(Update(plan_path(plan), {"products": products}))
    for plan, terms in case.get("terms", {}).items():
        await sqlite_store.write(Update(plan_path(plan), terms))
    for event, at in in_order(list(events_of(case)), order):
        await begin_due_parts(sqlite_store, at)
        await tell(sqlite_store, event, now=at + timedelta(minutes=1), known=known)
    now = datetime.fromtimestamp(case["now"], UTC) if "now" in case else BEGIN + timedelta(hours=1)
    expect = case["expect"]
    is_there = await found(sqlite_store, now)
    assert is_there == {**is_there, **{each: expect[each] for each in expect.keys() & is_there.keys()}}
    if "entries" in expect:
        assert sorted(await entries(sqlite_store)) == sorted(expect["entries"])
    if "months_usd" in expect:
        for month in range(1, 14):
            await begin_due_parts(sqlite_store, BEGIN + timedelta(days=31 * month))
        assert [amount for kind, amount in await entries(sqlite_store) if kind == "grant"] == expect["months_usd"]
    await clean_audit(sqlite_store)
