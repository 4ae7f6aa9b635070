"""Commits in groups: each has its own outcome, whoever waits for it, gives up or comes too late."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from functions.farebox.storage import (
    AlreadyExists,
    Check,
    Create,
    Increment,
    Set,
    Store,
    commit_queue,
)
from functions.farebox.storage.sqlite.engine import SqliteEngine
from tests.support.patience import PATIENCE_S
from tests.support.storage.contended_counter import count


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "farebox.db"


async def test_closing_finishes_what_is_queued(path: Path) -> None:
    store = Store(SqliteEngine(path))
    queued = [asyncio.create_task(store.write(Increment("counters/c", {"n": 1}))) for _ in range(200)]
    await asyncio.sleep(0)
    await store.close()

    assert all(await asyncio.gather(*queued))
    reopened = Store(SqliteEngine(path))
    assert await count(reopened) == 200
    await reopened.close()


async def test_a_commit_whose_caller_gave_up_harms_no_other(sqlite_store: Store) -> None:
    doomed = [asyncio.create_task(sqlite_store.write(Increment("counters/c", {"n": 1}))) for _ in range(5)]
    kept = [asyncio.create_task(sqlite_store.write(Increment("counters/d", {"n": 1}))) for _ in range(5)]
    await asyncio.sleep(0)
    for task in doomed:
        task.cancel()

    await asyncio.gather(*kept)

    document = await sqlite_store.get("counters/d")
    assert document is not None
    assert document.data == {"n": 5}


async def test_commits_whose_callers_are_cancelled_leave_nobody_waiting_and_nothing_half_done(path: Path) -> None:
    store = Store(SqliteEngine(path))
    await store.write(Set("counters/c", {"n": 0}))

    for turns in range(5):  # while commits are queued, applied and on their way to the disk
        writes = [asyncio.create_task(store.write(Increment("counters/c", {"n": 1}))) for _ in range(100)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for write in writes[::2]:
            write.cancel()
        await asyncio.wait(writes, timeout=PATIENCE_S)
        assert all(write.result() for write in writes[1::2])

    before = await count(store)
    assert before >= 250
    await store.write(Increment("counters/c", {"n": 1}))
    assert await count(store) == before + 1
    await store.close()


def test_a_loop_that_ends_in_the_middle_of_commits_harms_nothing(path: Path) -> None:
    async def write_and_go() -> None:
        store = Store(SqliteEngine(path))
        writes = [asyncio.create_task(store.write(Increment("counters/c", {"n": 1}))) for _ in range(100)]
        await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)

    async def look() -> int:
        store = Store(SqliteEngine(path))
        try:
            return await count(store)
        finally:
            await store.close()

    asyncio.run(write_and_go())
    assert asyncio.run(look()) in range(1, 101)


async def test_a_commit_that_nobody_waits_for_is_on_disk_soon(path: Path) -> None:
    engine = SqliteEngine(path)
    engine.queue([Set("things/a", {"n": 1})])
    async with asyncio.timeout(PATIENCE_S):
        while (await engine.read(["things/a"]))[0] is None:
            await asyncio.sleep(0.001)
    await engine.close()


async def test_a_commit_is_amended_until_its_turn_comes_and_never_after(path: Path) -> None:
    engine = SqliteEngine(path)
    queued = engine.queue([Create("things/a", {"n": 1})])
    assert queued.amend([Create("things/a", {"n": 2}), Set("things/b", {"n": 3})])
    versions = await queued
    assert not queued.amend([Set("things/a", {"n": 4})])

    found = await engine.read(["things/a", "things/b"])
    assert [each and (each.data, each.version) for each in found] == [({"n": 2}, versions[0]), ({"n": 3}, versions[1])]
    await engine.close()


async def test_what_nobody_waits_for_is_amended_although_others_commit_meanwhile(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_queue, "PATIENCE_S", 60)
    engine = SqliteEngine(path)
    queued = engine.queue([Create("things/a", {"n": 1})])
    await engine.commit([Create("things/b", {})])
    assert (await engine.read(["things/a"])) == [None]
    assert queued.amend([Create("things/a", {"n": 2})])
    await queued
    [found] = await engine.read(["things/a"])
    assert found is not None and found.data == {"n": 2}
    await engine.close()


def test_a_busy_loop_reads_what_has_arrived_before_it_loses_patience(path: Path) -> None:
    """On the loop that serves, whose timers come before what has arrived since it last looked."""
    uvloop = pytest.importorskip("uvloop")
    upstream, ours = socket.socketpair()
    ours.setblocking(False)

    async def answer_amends() -> bool:
        engine = SqliteEngine(path)
        queued = engine.queue([Create("things/a", {"n": 1})])
        loop = asyncio.get_running_loop()

        async def read_answer() -> bool:
            await loop.sock_recv(ours, 1)
            return queued.amend([Create("things/a", {"n": 2})])

        def read_slowly() -> None:
            loop.remove_reader(upstream)
            upstream.recv(1)
            upstream.send(b"!")
            time.sleep(3 * commit_queue.PATIENCE_S)

        loop.add_reader(upstream, read_slowly)
        reading = asyncio.create_task(read_answer())
        await loop.sock_sendall(ours, b"?")
        was_amended = await reading
        await queued
        await engine.close()
        return was_amended

    with upstream, ours, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(answer_amends())


async def test_a_queued_commit_is_refused_as_any_other(path: Path) -> None:
    engine = SqliteEngine(path)
    await engine.commit([Create("things/a", {})])
    with pytest.raises(AlreadyExists):
        await engine.queue([Create("things/a", {})])
    with pytest.raises(TypeError):
        await engine.queue([Set("things/b", {"at": object()})])
    await engine.close()


async def test_commits_of_one_group_have_each_their_own_outcome(sqlite_store: Store) -> None:
    results = await asyncio.gather(
        sqlite_store.write(Create("things/a", {"by": 1})),
        sqlite_store.write(Create("things/a", {"by": 2}), Set("things/b", {})),
        sqlite_store.write(Check("things/a", None)),
        sqlite_store.write(Create("things/c", {})),
        return_exceptions=True,
    )

    assert [type(result).__name__ for result in results] == ["list", "AlreadyExists", "Contended", "list"]
    assert await sqlite_store.count("things") == 2
