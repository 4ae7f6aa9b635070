"""What events that a provider sends come to, case by case: each file of `cases/` has the events in their order, what is
right in words (`want`), and what is to be found then (`expect`)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.accounts.plans import Plans, plan_path
from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.settlement import begin_due_parts
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Query, Store, Update
from tests.support.money.payment_events import PAYER, open_account
from tests.support.money.provider_events import BEGIN, creem_event, stripe_event, tell
from tests.support.money.wallet_books import clean_audit

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.json"))}


def read_case(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8").replace("UID", PAYER))
    return case


def events_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    moments = [BEGIN + timedelta(seconds=number) for number in range(20)]
    if "stripe" in case:
        return [stripe_event(kind, told, at) for (kind, told), at in zip(case["stripe"], moments, strict=False)]
    return [creem_event(kind, told, at) for (kind, told), at in zip(case["creem"], moments, strict=False)]


async def entries(store: Store) -> list[list[str]]:
    """The ledger of the payer, oldest first: type and amount."""
    query = Query(f"{wallet_path(PAYER)}/transactions", order_by="seq", limit=200)
    return [[each.data["type"], format_usd(each.data["amount"])] for each in await store.query(query)]


async def balance(store: Store) -> str:
    wallet = await store.get(wallet_path(PAYER))
    assert wallet is not None
    return format_usd(wallet.data["balance"])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("order", ["as they come", "the last first", "each twice"])
async def test_a_case_ends_as_it_should(sqlite_store: Store, name: str, order: str) -> None:
    case = read_case(CASES[name])
    await open_account(sqlite_store)
    await Plans(sqlite_store, lambda: BEGIN).list()
    for plan, products in case.get("plans", {}).items():
        await sqlite_store.write(Update(plan_path(plan), {"products": products}))
    told = events_of(case)
    if order == "the last first":
        told.reverse()
    elif order == "each twice":
        told = [event for each in told for event in (each, each)]
    await tell(sqlite_store, *told, now=BEGIN + timedelta(hours=1))
    expect = case["expect"]
    user = await sqlite_store.get(f"users/{PAYER}")
    assert user is not None
    assert user.data["plan"] == expect["plan"]
    assert await balance(sqlite_store) == expect["balance_usd"]
    assert sorted(await entries(sqlite_store)) == sorted(expect["entries"])
    if "ends_at" in expect:
        subscription = running(await read_payer(sqlite_store, PAYER), BEGIN)
        assert subscription is not None
        assert subscription.ends_at is not None
        assert subscription.ends_at.isoformat().replace("+00:00", "Z") == expect["ends_at"]
    if "months_usd" in expect:
        for month in range(1, 14):
            await begin_due_parts(sqlite_store, BEGIN + timedelta(days=31 * month))
        assert [amount for kind, amount in await entries(sqlite_store) if kind == "grant"] == expect["months_usd"]
    await clean_audit(sqlite_store)
