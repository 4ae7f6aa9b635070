"""A book: each change of a balance is one entry, made once, and the sum of the entries is the balance."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.errors import Conflict, NotFound, OutOfMoney
from functions.farebox.ledger.book import Book, post
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Entry, Posting, Wallet, entry_path, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.storage import Query, Store, Transaction
from tests.simulation.memory_engine import MemoryEngine
from tests.support.money.gates import UID, open_gates, read_gates
from tests.support.product.runtime import START

NEXT_MONTH = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)


def topup(amount: int, entry_id: str = "more") -> Posting:
    return Posting(entry_id, "topup", amount, "Top-up")


def use(amount: int, entry_id: str = "use") -> Posting:
    return Posting(entry_id, "usage", -amount, "1 request")


@pytest.fixture
def store() -> Store:
    return Store(MemoryEngine())


async def change(
    store: Store, work: Callable[[Book], object], *entry_ids: str, now: datetime = START, cause: str = ""
) -> Wallet:
    """Change the wallet in a transaction of its own; answers it as it is stored then."""

    async def transaction(tx: Transaction) -> None:
        book = await Book.open(tx, UID, now, *entry_ids)
        work(book)
        book.save(tx, collect_debt_as=cause)

    await store.transact(transaction)
    assert (await verify(store, UID)).fault is None
    return (await read_gates(store)).wallet


async def entries(store: Store) -> list[Entry]:
    found = await store.query(Query(f"{wallet_path(UID)}/transactions", order_by="seq"))
    return [Entry.from_data(each.id, each.data) for each in found]


async def test_a_posting_that_is_made_twice_counts_once_and_answers_the_same(store: Store) -> None:
    await open_gates(store, 100)
    [first], [second] = [await post(store, UID, START, topup(50)) for _ in range(2)]
    assert first == second
    assert (await read_gates(store)).wallet.balance == 150


async def test_an_id_that_was_used_for_another_amount_or_type_is_a_conflict(store: Store) -> None:
    await open_gates(store, 100)
    await post(store, UID, START, topup(50))
    for other in (topup(51), Posting("more", "bonus", 50, "Bonus")):
        with pytest.raises(Conflict):
            await post(store, UID, START, other)


async def test_no_more_is_taken_than_is_available_and_what_is_reserved_is_not(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda book: book.reserve(60))
    with pytest.raises(OutOfMoney):
        await post(store, UID, START, use(41))
    await post(store, UID, START, use(40))
    assert (await read_gates(store)).wallet.available == 0


async def test_entries_are_numbered_and_each_continues_where_the_last_one_ended(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda book: [book.post(use(10)), book.post(topup(30))], "use", "more")
    assert [(each.seq, each.balance_before, each.balance_after) for each in await entries(store)] == [
        (1, 0, 100),
        (2, 100, 90),
        (3, 90, 120),
    ]


async def test_what_is_taken_back_beyond_what_is_available_is_owed_and_the_next_credit_pays_it(store: Store) -> None:
    await open_gates(store, 100)
    refund = Posting("refund", "refund", -150, "Refund")
    owing = await change(store, lambda book: book.take_back(refund), "refund")
    assert (owing.balance, owing.debt, owing.spendable) == (0, 50, 0)
    again = await change(store, lambda book: book.take_back(refund), "refund")
    assert again == owing, "the second time it changes nothing"
    paid = await change(store, lambda book: book.post(topup(80)), "more")
    assert (paid.balance, paid.debt) == (30, 0)
    assert [(each.id, each.amount) for each in await entries(store)][-2:] == [("more", 80), ("more.debt", -50)]


async def test_credit_that_comes_free_pays_a_debt_first(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda book: book.reserve(100))
    await change(store, lambda book: book.take_back(Posting("refund", "refund", -40, "Refund")), "refund")
    wallet = await change(store, lambda book: book.release(100), cause="step")
    assert (wallet.balance, wallet.reserved, wallet.debt) == (60, 0, 0)
    assert (await entries(store))[-1].id == "step.debt"


async def test_credit_that_is_reserved_is_spent_or_comes_free_and_no_more_than_that(store: Store) -> None:
    await open_gates(store, 100)
    await change(store, lambda book: book.reserve(60))
    spent = await change(store, lambda book: book.spend_reserved(use(25)))
    assert (spent.balance, spent.reserved, spent.available) == (75, 35, 40)
    for excess in (lambda book: book.release(36), lambda book: book.spend_reserved(use(36, "u2"))):
        with pytest.raises(AssertionError):
            await change(store, excess)
    with pytest.raises(AssertionError):
        await change(store, lambda book: book.reserve(41))


async def test_the_wallets_own_budget_is_counted_and_written_with_its_wallet(store: Store) -> None:
    await open_gates(store, 100, user=80)

    def take(book: Book) -> None:
        book.budget.reserve(50)
        book.budget.settle("2026-11", spent=20, released=10)

    wallet = await change(store, take)
    assert wallet.budget == Budget("2026-11", 80, spent=20, reserved=20)


async def test_the_budget_is_moved_to_the_month_that_has_begun(store: Store) -> None:
    await open_gates(store, 100, user=80)
    await change(store, lambda book: book.budget.spend("2026-11", 50))
    assert (await change(store, lambda book: None, now=NEXT_MONTH)).budget == Budget("2026-12", 80)


def there_and_back(book: Book) -> None:
    book.reserve(10)
    book.release(10)


async def test_a_book_that_has_not_changed_writes_nothing() -> None:
    engine = MemoryEngine()
    store = Store(engine)
    await open_gates(store, 100)
    before = engine.writes
    await change(store, there_and_back)
    assert engine.writes == before


async def test_there_is_no_book_without_a_wallet(store: Store) -> None:
    with pytest.raises(NotFound):
        await post(store, UID, START, topup(1))
    assert await store.get(entry_path(UID, "more")) is None


moves = st.tuples(
    st.sampled_from(["topup", "use", "reserve", "release", "spend", "take back"]),
    st.integers(min_value=0, max_value=60),
)


@given(st.lists(moves, max_size=15))
def test_whatever_is_done_the_balance_is_the_sum_of_the_entries_and_nothing_is_negative(
    plan: list[tuple[str, int]],
) -> None:
    asyncio.run(_play(plan))


async def _play(plan: list[tuple[str, int]]) -> None:
    store = Store(MemoryEngine())
    await open_gates(store, 100)
    for number, (move, amount) in enumerate(plan):
        before = (await read_gates(store)).wallet
        entry_id = f"e{number}"
        wallet = await change(store, partial(make, move, amount, entry_id), entry_id, cause=f"c{number}")
        assert wallet.balance == sum(each.amount for each in await entries(store))
        held = min(amount, before.reserved)
        moved = {"reserve": min(amount, before.spendable), "release": -held, "spend": -held}.get(move, 0)
        assert wallet.reserved == before.reserved + moved
        assert 0 <= wallet.reserved <= wallet.balance and wallet.debt >= 0
        assert not (wallet.debt and wallet.available), "a debt stands only while nothing is available"


def make(move: str, amount: int, entry_id: str, book: Book) -> None:
    """Make a move, as far as the wallet allows it."""
    held = min(amount, book.wallet.reserved)
    match move:
        case "topup":
            book.post(topup(amount, entry_id))
        case "use":
            book.post(use(min(amount, book.wallet.available), entry_id))
        case "reserve":
            book.reserve(min(amount, book.wallet.spendable))
        case "release":
            book.release(held)
        case "spend":
            book.spend_reserved(use(held, entry_id))
        case _:
            book.take_back(Posting(entry_id, "refund", -amount, "Refund"))


@pytest.mark.parametrize("amount", [1.0, -0.5, "3", True, None])
def test_what_is_no_amount_is_not_posted(amount: Any) -> None:
    with pytest.raises(ValueError, match="whole amounts"):
        Posting("p1", "usage", amount, "1 request")
