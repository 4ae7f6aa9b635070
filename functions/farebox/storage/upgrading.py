"""Brings what is stored to the newest form of its kind, document by document (`versions.py` has the forms).

Nothing waits for it, since what is read comes in that form anyway. It may run while everything serves, be cut off at
any moment, and be run again: how far it came is kept beside what it wrote, in the same commit.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import Final

from functions.farebox.storage.copying import chunks, whole
from functions.farebox.storage.model import Delete, Document
from functions.farebox.storage.store import Store
from functions.farebox.storage.transaction import Transaction
from functions.farebox.storage.versions import STEPS

PASS: Final = "passes/upgrade"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """How far it has come: the kinds before `kind` are done, in the order of their names, and of that what lies up to
    the path `after`. So many documents were looked at, and so many written anew."""

    kind: str = ""
    after: str | None = None
    documents: int = 0
    upgraded: int = 0


async def upgrade_store(store: Store) -> AsyncIterator[Upgraded]:
    """Go on where a run was cut off, or begin anew; yields how far it is after each page, and at the end."""
    document = await store.get(PASS)
    done = Upgraded() if document is None else Upgraded(**document.data)
    for kind in sorted(name for name in STEPS if name >= done.kind):
        if kind != done.kind:
            done = replace(done, kind=kind, after=None)
        async with aclosing(chunks(store.walk(whole(kind, done.after)))) as each:
            async for chunk in each:
                done = await _write(store, chunk, done)
                yield done
    await store.write(Delete(PASS))
    yield done


async def _write(store: Store, chunk: list[Document], before: Upgraded) -> Upgraded:
    """Write those anew that are older, whatever they have become since they were looked at, and note how far it is."""
    older = [document.path for document in chunk if document.is_older]

    async def work(transaction: Transaction) -> Upgraded:
        found = await transaction.get_many(*older)
        still = [document for document in found if document is not None and document.is_older]
        for document in still:
            transaction.set(document.path, document.data)
        documents, upgraded = before.documents + len(chunk), before.upgraded + len(older)
        done = replace(before, after=chunk[-1].path, documents=documents, upgraded=upgraded)
        transaction.set(PASS, asdict(done))
        return done

    return await store.transact(work)
