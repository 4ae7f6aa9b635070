"""The walk of the self-audit: through the books of all wallets, and closely at those that do not add up at first."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from functions.farebox.audit.fault import Fault
from functions.farebox.audit.keys import KeyBudgets
from functions.farebox.audit.reading import books_of, read_books
from functions.farebox.audit.tenants import TenantSums, budgets_of_tenants, sums_of
from functions.farebox.audit.unnamed import unnamed
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.limits.tenant_budget import tenant_path
from functions.farebox.storage import Document, Store

LOOKS = 5  # at what keeps changing, before it is left for the next audit


@dataclass(slots=True)
class Audited:
    """How much was walked, and what was found. What is `restless` never stood still long enough to be compared."""

    wallets: int = 0
    entries: int = 0
    leases: int = 0
    records: int = 0
    tenants: int = 0
    restless: int = 0
    faults: list[Fault] = field(default_factory=list)


async def audit(store: Store, *, most_faults: int = 1) -> AsyncIterator[Audited]:
    """Walk everything; yields the state so far after each wallet and tenant, and stops at `most_faults`.

    What is read side by side is not of one moment, so what does not add up there is only looked at more closely: once
    more by itself, while its wallet stands still.
    """
    done, sums, keys = Audited(), TenantSums(), KeyBudgets(store)
    async with aclosing(read_books(store)) as walked:
        async for books in walked:
            done.wallets += books.wallet is not None
            done.entries += books.chain.entries
            done.leases += len(books.leases)
            done.records += books.records
            sums.add(books)
            if not books.uid:  # of no user, whose wallet might stand still
                done.faults += books.unreadable
            elif books.faults():
                await _look_at_wallet(store, books.uid, done)
            else:
                keys.add(books)
            if keys.are_many:
                await _look_at_keys(store, keys, done)
            yield done
            if len(done.faults) >= most_faults:
                return
    await _look_at_keys(store, keys, done)
    done.faults += await unnamed(store)
    yield done
    if len(done.faults) >= most_faults:
        return
    async with aclosing(budgets_of_tenants(store, sums.users)) as budgets:
        async for tenant, budget in budgets:
            done.tenants += 1
            if sums.faults(tenant, budget):
                users = sums.users.get(tenant, ())
                _note(done, await _look(store, tenant_path(tenant), partial(_tenant_faults, store, tenant, users)))
            yield done
            if len(done.faults) >= most_faults:
                return


async def audit_all(store: Store, *, most_faults: int = 1) -> Audited:
    """Walk everything, and answer what came of it."""
    whole = Audited()
    async for done in audit(store, most_faults=most_faults):
        whole = done
    return whole


async def _look_at_keys(store: Store, keys: KeyBudgets, done: Audited) -> None:
    for uid in await keys.compare():
        await _look_at_wallet(store, uid, done)


async def _look_at_wallet(store: Store, uid: str, done: Audited) -> None:
    _note(done, await _look(store, wallet_path(uid), partial(_wallet_faults, store, uid)))


def _note(done: Audited, faults: list[Fault] | None) -> None:
    if faults is None:
        done.restless += 1
    else:
        done.faults += faults


async def _look(
    store: Store, path: str, problems: Callable[[Document | None], Awaitable[list[Fault]]]
) -> list[Fault] | None:
    """The faults that were found while a document stood still; `None`: it never did."""
    for _ in range(LOOKS):
        before = await store.get(path)
        faults = await problems(before)
        after = await store.get(path)
        if (before and before.version) == (after and after.version):
            return faults
    return None


async def _wallet_faults(store: Store, uid: str, wallet: Document | None) -> list[Fault]:
    books = await books_of(store, uid)
    if wallet is not None:
        books.add("wallets", wallet)
    if not books.unreadable and (problem := (await verify(store, uid)).fault):  # which names the entry
        return [Fault(wallet_path(uid), problem)]
    keys = KeyBudgets(store)
    keys.add(books)
    return books.faults() or [fault for faults in (await keys.compare()).values() for fault in faults]


async def _tenant_faults(store: Store, tenant: str, users: Collection[str], budget: Document | None) -> list[Fault]:
    return (await sums_of(store, users)).faults(tenant, budget)
