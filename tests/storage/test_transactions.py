"""Transactions: nothing is lost and nothing is seen half, however many write at once and whatever gets lost."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage import (
    AlreadyExists,
    Create,
    Document,
    Engine,
    Increment,
    Missing,
    Query,
    Set,
    Store,
    Transaction,
    Unreachable,
    Write,
)
from functions.farebox.storage import store as store_module
from tests.support.storage.contended_counter import add_one


class Forgetful:
    """An engine that applies a commit and loses the answer, as often as it is told to."""

    def __init__(self, engine: Engine, losses: int) -> None:
        self._engine = engine
        self.losses = losses

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        versions = await self._engine.commit(writes)
        if self.losses:
            self.losses -= 1
            raise Unreachable("the answer was lost")
        return versions

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        return await self._engine.read(paths)

    async def query(self, query: Query) -> list[Document]:
        return await self._engine.query(query)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        return await self._engine.aggregate(query, sums)

    async def close(self) -> None:
        await self._engine.close()


class Dead(Forgetful):
    """An engine that does nothing and answers nothing."""

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        raise Unreachable("nobody is there")


async def number(store: Store, path: str) -> int:
    document = await store.get(path)
    assert document is not None
    value: int = document.data["n"]
    return value


async def test_thirty_two_read_modify_writes_of_one_document_all_count(store: Store) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*(store.transact(add_one) for _ in range(32)))

    assert await number(store, "counters/c") == 32


async def test_concurrent_increments_all_count(store: Store) -> None:
    await asyncio.gather(*(store.write(Increment("counters/c", {"n": 1})) for _ in range(32)))

    assert await number(store, "counters/c") == 32


async def test_concurrent_transfers_keep_the_total(store: Store) -> None:
    accounts = [f"accounts/{n}" for n in range(4)]
    await store.write(*(Create(account, {"n": 100}) for account in accounts))
    rng = random.Random(7)

    async def transfer(giver: str, taker: str, amount: int) -> None:
        async def work(transaction: Transaction) -> None:
            one, other = await transaction.get_many(giver, taker)
            assert one is not None
            assert other is not None
            if one.data["n"] >= amount:
                transaction.update(giver, {"n": one.data["n"] - amount})
                transaction.update(taker, {"n": other.data["n"] + amount})

        await store.transact(work)

    pairs = [rng.sample(accounts, 2) for _ in range(24)]
    await asyncio.gather(*(transfer(giver, taker, rng.randint(1, 90)) for giver, taker in pairs))

    balances = [await number(store, account) for account in accounts]
    assert sum(balances) == 400
    assert min(balances) >= 0


async def test_a_transaction_answers_what_its_work_answers_and_writes_once(store: Store) -> None:
    async def work(transaction: Transaction) -> str:
        assert await transaction.get("things/a") is None
        transaction.create("things/a", {"n": 1})
        transaction.set("things/b", {"n": 1})
        return "done"

    assert await store.transact(work) == "done"
    assert (await number(store, "things/a"), await number(store, "things/b")) == (1, 1)


async def test_a_document_that_was_read_and_changed_since_sends_the_work_back(store: Store) -> None:
    await store.write(Create("doctors/ann", {"on_call": True}), Create("doctors/bob", {"on_call": True}))
    attempts = 0

    async def ann_leaves_if_bob_stays(transaction: Transaction) -> bool:
        nonlocal attempts
        attempts += 1
        _, bob = await transaction.get_many("doctors/ann", "doctors/bob")
        assert bob is not None
        if attempts == 1:
            await store.write(Set("doctors/bob", {"on_call": False}))
        if bob.data["on_call"]:
            transaction.update("doctors/ann", {"on_call": False})
        return bool(bob.data["on_call"])

    assert await store.transact(ann_leaves_if_bob_stays) is False
    assert attempts == 2
    ann = await store.get("doctors/ann")
    assert ann is not None
    assert ann.data == {"on_call": True}


async def test_a_document_that_was_read_as_absent_and_appeared_sends_the_work_back(store: Store) -> None:
    attempts = 0

    async def note_unless_closed(transaction: Transaction) -> bool:
        nonlocal attempts
        attempts += 1
        closed = await transaction.get("closings/day")
        if attempts == 1:
            await store.write(Create("closings/day", {}))
        if closed is None:
            transaction.set("notes/n", {"n": 1})
        return closed is None

    assert await store.transact(note_unless_closed) is False
    assert attempts == 2
    assert await store.get("notes/n") is None


async def test_a_create_of_what_was_read_as_absent_and_appeared_sends_the_work_back(store: Store) -> None:
    attempts = 0

    async def claim(transaction: Transaction) -> str:
        nonlocal attempts
        attempts += 1
        taken = await transaction.get("claims/c")
        if attempts == 1:
            await store.write(Create("claims/c", {"by": "somebody else"}))
        if taken is None:
            transaction.create("claims/c", {"by": "me"})
            return "me"
        return str(taken.data["by"])

    assert await store.transact(claim) == "somebody else"
    assert attempts == 2


async def test_a_create_of_what_was_not_read_is_refused_at_once(store: Store) -> None:
    await store.write(Create("claims/c", {}))
    attempts = 0

    async def claim(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        transaction.create("claims/c", {})

    with pytest.raises(AlreadyExists):
        await store.transact(claim)
    assert attempts == 1


async def test_an_update_of_what_is_not_there_is_refused_at_once(store: Store) -> None:
    async def change(transaction: Transaction) -> None:
        transaction.update("things/gone", {"n": 1})

    with pytest.raises(Missing):
        await store.transact(change)


async def test_what_the_work_raises_ends_the_transaction_without_a_trace(store: Store) -> None:
    async def give_up(transaction: Transaction) -> None:
        transaction.set("things/a", {"n": 1})
        raise LookupError("changed my mind")

    with pytest.raises(LookupError, match="changed my mind"):
        await store.transact(give_up)
    assert await store.get("things/a") is None


@pytest.mark.parametrize("refuses", [True, False])
async def test_nothing_is_concluded_from_reads_of_different_moments(store: Store, refuses: bool) -> None:
    await store.write(Create("payments/p", {"reversals": 0}))
    attempts = 0

    async def next_reversal_is_free(transaction: Transaction) -> bool:
        nonlocal attempts
        attempts += 1
        payment = await transaction.get("payments/p")
        assert payment is not None
        number = payment.data["reversals"] + 1
        if attempts == 1:  # somebody else takes it
            await store.write(Create(f"reversals/{number}", {}), Set("payments/p", {"reversals": number}))
        taken = await transaction.get(f"reversals/{number}")
        if taken is not None and refuses:
            raise LookupError("a reversal that the payment does not know")
        return taken is None

    assert await store.transact(next_reversal_is_free)
    assert attempts == 2


async def test_what_the_work_raises_over_reads_that_hold_is_not_tried_again(store: Store) -> None:
    attempts = 0

    async def look_twice(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await transaction.get("things/a")
        await transaction.get("things/b")
        raise LookupError("not there")

    with pytest.raises(LookupError):
        await store.transact(look_twice)
    assert attempts == 1


async def test_a_lost_acknowledgement_leaves_one_effect_where_the_work_knows_its_own(store: Store) -> None:
    forgetful = Forgetful(store.engine, losses=2)
    await store.write(Create("wallets/u", {"n": 100}))
    attempts = 0

    async def charge_once(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        wallet, entry = await transaction.get_many("wallets/u", "wallets/u/transactions/t1")
        assert wallet is not None
        if entry is None:
            transaction.create("wallets/u/transactions/t1", {"n": -30})
            transaction.update("wallets/u", {"n": wallet.data["n"] - 30})

    await Store(forgetful).transact(charge_once)

    assert attempts == 2
    assert forgetful.losses == 1
    assert await number(store, "wallets/u") == 70
    assert await store.count("wallets/u/transactions") == 1


async def test_a_database_that_never_answers_is_given_up_on(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "GIVE_UP_AFTER_S", 0.1)

    with pytest.raises(StoreUnavailable):
        await Store(Dead(sqlite_store.engine, losses=0)).transact(add_one)
