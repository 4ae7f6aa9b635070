"""A database is carried from one engine to the other and back, whole, however often it is cut off on the way."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from functions.farebox.audit import audit_all
from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage import Create, Data, Delete, Query, Set, Store, Transaction
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.copying import COLLECTIONS, COMMIT_TRIES, MARKER, NotCopied, Progress, copy_store
from functions.farebox.storage.sqlite.json_text import dumps, loads
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer
from tests.support.patience import PATIENCE_S
from tests.support.processes import ROOT
from tests.support.product.forked import run_forked
from tests.support.product.in_process import running
from tests.support.source.collections import collections_in_code
from tests.support.stand_ins.upstream import StandIn

T = TypeVar("T")
PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
# A soak has 10,000 users and a million records, or as many users as it is told.
SOAK_USERS = int(os.environ.get("FAREBOX_SOAK_USERS", "10000"))
IS_SOAK = bool(os.environ.get("FAREBOX_SOAK"))
USERS, REQUESTS = (SOAK_USERS, 100) if IS_SOAK else (30, 10)
MOST_WRITES = 400
SUFFIX = "~n~"  # stands for the number of a user


class CutOff(Exception):
    """The process is killed."""


async def everything(store: Store) -> dict[str, Data]:
    found: dict[str, Data] = {}
    for collection in COLLECTIONS:
        async for document in store.scan(Query(collection, limit=500, group=True)):
            found[document.path] = document.data
    return found


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Store]:
    """Books that add up: those of one customer who has asked, copied under other names, with what is large and what
    is far down beside them."""
    first = Store(open_engine(f"sqlite:///{tmp_path}/first.db"))
    async with StandIn() as upstream, running(first, pricing=PRICING, upstream=upstream) as instance:
        customer = await open_customer(first, "10", now=instance.runtime.now)
        for number in range(REQUESTS):
            done = await instance.ask(customer.bearer, completion_of(max_tokens=5, stream=number % 2 == 0))
            assert done.status_code == 200
    template = await everything(first)
    await first.close()
    store = Store(open_engine(f"sqlite:///{tmp_path}/source.db"))
    with part("make"):
        await _multiply(store, template, customer.uid)
    await store.write(
        Create("answer_cache/a", {"text": "x" * 900_000, "expires_at": datetime(2026, 1, 2, tzinfo=UTC)}),
        *(Create(f"idempotency/i/parts/{number}", {"text": "y" * 700_000}) for number in range(9)),
    )
    with part("audit of the source"):
        assert (await audit_all(store)).faults == []
    yield store
    await store.close()


async def _multiply(store: Store, template: dict[str, Data], uid: str) -> None:
    """Write the documents of a user so many times, each time with every id of its own."""
    theirs = {path: dumps(data) for path, data in template.items() if uid in path or uid in dumps(data)}
    named = {path.rpartition("/")[2] for path in theirs}  # what their keys are counted in does not name them
    theirs |= {path: dumps(data) for path, data in template.items() if path.rpartition("/")[2] in named}
    ids = {path.rpartition("/")[2] for path in theirs} | {uid}
    ids |= {path.split("/")[3] for path in theirs if path.startswith("wallets/") and path.count("/") == 3}
    names = sorted((name.partition(".")[0] for name in ids if len(name) > 9), key=len, reverse=True)
    await store.write(*(Set(path, data) for path, data in template.items() if path not in theirs))
    forms = [(_renamed(path, names), _renamed(text, names)) for path, text in theirs.items()]
    writes: list[Set] = []
    for number in range(USERS):
        suffix = f"x{number}"
        writes += [Set(path.replace(SUFFIX, suffix), loads(text.replace(SUFFIX, suffix))) for path, text in forms]
        while len(writes) >= MOST_WRITES:
            await store.write(*writes[:MOST_WRITES])
            writes = writes[MOST_WRITES:]
    await store.write(*writes)


def _renamed(text: str, names: list[str]) -> str:
    for name in names:
        text = text.replace(name, f"{name}{SUFFIX}")
    return text


async def copied(source: Store, target: Store, origin: str, *, cut_at: int | None = None) -> int:
    """Copy, up to the commits after which the process is killed, with so many documents there; answers how many."""
    documents = 0
    async with aclosing(copy_store(source, target, origin)) as copying:
        async for progress in copying:
            documents = progress.documents
            if cut_at is not None and documents >= cut_at:
                raise CutOff
    return documents


@contextmanager
def part(name: str) -> Iterator[None]:
    """Tell how long a part of a soak took."""
    began = time.monotonic()
    yield
    if IS_SOAK:
        print(f"{datetime.now(UTC):%H:%M:%S} {name}: {time.monotonic() - began:.1f} s", flush=True)


async def test_from_sqlite_to_firestore_and_back_cut_off_twice_on_the_way(
    source: Store, firestore_url: str, tmp_path: Path
) -> None:
    with part("count"):
        total = await _count(source)
    before = {} if IS_SOAK else await everything(source)
    there, back = Store(open_engine(firestore_url)), Store(open_engine(f"sqlite:///{tmp_path}/back.db"))
    for target, origin, store in ((there, "sqlite", source), (back, "firestore", there)):
        for third in (1, 2):
            with part(f"copy from {origin}, cut off at {third}/3 of {total}"), pytest.raises(CutOff):
                await copied(store, target, origin, cut_at=third * total // 3)
            assert await target.get(MARKER) is not None
        with part(f"copy from {origin}, the rest, and compare"):
            assert await copied(store, target, origin) == total
        with part(f"audit of what came from {origin}"):
            done = await audit_all(target)
        assert done.faults == []
        assert (done.wallets, done.records, done.restless) == (USERS, USERS * REQUESTS, 0)
        if not IS_SOAK:
            assert await everything(target) == before
    for store in (there, back):
        await store.close()


async def _count(store: Store) -> int:
    total = 0
    for collection in COLLECTIONS:
        async for _ in store.walk(Query(collection, limit=500, group=True)):
            total += 1
    return total


class Slow(Store):
    """A store that does not answer so often, before each commit that it takes."""

    def __init__(self, store: Store, times: int) -> None:
        super().__init__(store.engine)
        self._times = self._left = times

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        if self._left:
            self._left -= 1
            raise StoreUnavailable("it is busy with itself")
        self._left = self._times
        return await super().transact(work)


async def test_a_target_that_does_not_answer_for_a_while_is_waited_for_but_not_for_ever(
    source: Store, sqlite_store: Store
) -> None:
    with pytest.raises(StoreUnavailable):
        await copied(source, Slow(sqlite_store, COMMIT_TRIES), "here")
    assert await copied(source, Slow(sqlite_store, 1), "here") == await _count(source)
    assert await everything(sqlite_store) == await everything(source)


async def test_a_target_that_is_not_empty_is_left_alone(source: Store, sqlite_store: Store) -> None:
    await sqlite_store.write(Create("users/u", {"email": "ada@example.com"}))
    with pytest.raises(NotCopied, match="not empty"):
        await copied(source, sqlite_store, "here")
    assert len(await everything(sqlite_store)) == 1


async def test_a_copy_is_gone_on_with_from_its_own_source_alone(source: Store, sqlite_store: Store) -> None:
    with pytest.raises(CutOff):
        await copied(source, sqlite_store, "here", cut_at=1)
    with pytest.raises(NotCopied, match="from here"):
        await copied(source, sqlite_store, "elsewhere")


async def test_who_writes_meanwhile_is_found_out(source: Store, sqlite_store: Store) -> None:
    copying = copy_store(source, sqlite_store, "here")
    await anext(copying)
    await source.write(Set("admin_calls/late", {"amount": 1}))
    with pytest.raises(NotCopied, match="admin_calls"):
        await _rest(copying)


async def test_a_document_that_changed_after_it_was_copied_is_found_out(source: Store, sqlite_store: Store) -> None:
    await source.write(Create("admin_calls/early", {"amount": 1}))
    copying = copy_store(source, sqlite_store, "here")
    await anext(copying)
    await source.write(Set("admin_calls/early", {"amount": 2}))
    with pytest.raises(NotCopied, match="admin_calls/early"):
        await _rest(copying)


async def test_what_expires_may_go_from_either_side_meanwhile(
    source: Store, sqlite_store: Store, tmp_path: Path
) -> None:
    gone = datetime(2026, 1, 2, tzinfo=UTC)
    coming = datetime(9999, 1, 2, tzinfo=UTC)
    for name in ("a", "b", "c"):
        await source.write(Create(f"sessions/{name}", {"expires_at": coming if name == "c" else gone}))
    other = Store(open_engine(f"sqlite:///{tmp_path}/other.db"))
    await _all_but(copy_store(source, other, "here"), (source, "sessions/a"), (other, "sessions/b"))
    await other.close()
    with pytest.raises(NotCopied, match="sessions/c"):
        await _all_but(copy_store(source, sqlite_store, "here"), (source, "sessions/c"))


async def _all_but(copying: AsyncIterator[Progress], *lost: tuple[Store, str]) -> None:
    """Copy, and once sessions were, take documents away."""
    async for progress in copying:
        if progress.collection > "sessions":
            for store, path in lost:
                await store.write(Delete(path))


async def _rest(copying: AsyncIterator[Progress]) -> None:
    async for _ in copying:
        pass


async def test_an_address_that_leads_nowhere_is_no_empty_copy(sqlite_store: Store, tmp_path: Path) -> None:
    nobody = Store(open_engine(f"sqlite:///{tmp_path}/misspelt.db"))
    with pytest.raises(NotCopied, match="nobody in here"):
        await copied(nobody, sqlite_store, "here")
    await nobody.close()


def test_every_collection_of_the_code_is_copied() -> None:
    assert set(COLLECTIONS) == collections_in_code()
    assert list(COLLECTIONS) == sorted(COLLECTIONS)


async def test_the_command_copies_and_audits(sqlite_store: Store, sqlite_url: str, tmp_path: Path) -> None:
    await open_customer(sqlite_store, "10")
    urls = [sqlite_url, f"sqlite:///{tmp_path}/two.db"]
    done = await asyncio.to_thread(_run, "copy", *urls)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["wallets"] == 1


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return run_forked(["-m", "functions.farebox", *words], ROOT, os.environ, 2 * PATIENCE_S)
