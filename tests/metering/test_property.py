"""Whatever gateways do, in any order: nothing is charged twice, nothing is negative, and the books add up."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.accounts.account import Accounts
from functions.farebox.errors import FareboxError
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.tenant_budget import Tenant, tenant_path
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.metering.reports import Report
from functions.farebox.storage import Create, Store, Transaction
from functions.farebox.storage.connect import open_engine
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock

amounts = st.integers(0, 60)
requests = st.sampled_from(["a", "b", "c"])
steps = st.one_of(
    st.tuples(st.just("authorize"), requests, amounts),
    st.tuples(st.just("capture"), requests, amounts),
    st.tuples(st.just("log"), requests, amounts),
    st.tuples(st.just("void"), requests, st.just(0)),
    st.tuples(st.just("expire"), requests, st.integers(0, 20)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12), st.none() | st.integers(0, 120), st.none() | st.integers(0, 90), st.booleans())
def test_any_order_of_steps_keeps_the_books(
    plan: list[tuple[str, str, int]], budget: int | None, tenant: int | None, at_once: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_play(f"sqlite:///{Path(folder) / 'f.db'}", plan, budget, tenant, at_once))


async def _play(
    url: str, plan: list[tuple[str, str, int]], budget: int | None, tenant: int | None, at_once: bool
) -> None:
    store, clock = Store(open_engine(url)), Clock()
    accounts = Accounts(store, signup_credit=100, now=clock)

    async def begin(tx: Transaction) -> None:
        await accounts.open(tx, "u", "ada@example.com")

    async def cap(tx: Transaction) -> None:
        book = await Book.open(tx, "u", clock())
        book.set_terms(budget_limit=budget, tenant="t")
        book.save(tx)

    await store.transact(begin)
    await store.transact(cap)
    await store.write(Create(tenant_path("t"), Tenant("t", Budget(limit=tenant), "UTC").to_data()))
    holds = Authorizations(store)
    charged: dict[str, int] = {}

    async def take(kind: str, request_id: str, amount: int) -> None:
        try:
            if kind == "authorize":
                await holds.authorize("u", "m", request_id, amount, clock())
            elif kind == "void":
                await holds.void(request_id, clock())
            elif kind == "expire":
                clock.forward(minutes=amount)
                await holds.expire(clock())
            else:
                done = await (
                    holds.capture(request_id, Report(amount), clock())
                    if kind == "capture"
                    else holds.log("u", "m", request_id, Report(amount), clock())
                )
                assert charged.setdefault(request_id, done.charged) == done.charged
                assert done.charged <= done.cost == amount
        except FareboxError:
            pass

    try:
        if at_once:
            await asyncio.gather(*(take(*step) for step in plan))
        else:
            for step in plan:
                await take(*step)
        await clean_audit(store)
        await holds.expire(clock() + timedelta(days=1))
        document = await store.get(wallet_path("u"))
        assert document is not None
        wallet = Wallet.from_data(document.data)
        assert (wallet.reserved, wallet.budget.reserved) == (0, 0)
        assert wallet.balance == 100 - sum(charged.values())
        assert wallet.budget.spent == sum(charged.values())
        assert budget is None or wallet.budget.spent <= budget
        await clean_audit(store)
    finally:
        await store.close()


async def test_crowds_at_one_request_make_one_step_of_each_kind(store: Store) -> None:
    clock = Clock()
    accounts = Accounts(store, signup_credit=100, now=clock)

    async def begin(tx: Transaction) -> None:
        await accounts.open(tx, "u", "ada@example.com")

    await store.transact(begin)
    holds = Authorizations(store)
    opened = await asyncio.gather(*(holds.authorize("u", "m", "r", 40, clock()) for _ in range(5)))
    assert {hold.state for hold in opened} == {"open"}
    ended = await asyncio.gather(
        *(holds.capture("r", Report(30), clock()) for _ in range(3)),
        *(holds.void("r", clock()) for _ in range(3)),
        *(holds.expire(clock() + timedelta(hours=1)) for _ in range(2)),
        return_exceptions=True,
    )
    faults = [end for end in ended if isinstance(end, Exception) and not isinstance(end, FareboxError)]
    assert faults == []
    final = await holds.read("r")
    document = await store.get(wallet_path("u"))
    assert document is not None
    assert document.data["balance"] == (70 if final.state == "captured" else 100)
    assert document.data["reserved"] == 0
    await clean_audit(store)
