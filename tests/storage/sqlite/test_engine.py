"""What only SQLite must show: durable over restarts, shared between processes, quick by indexes."""

import asyncio
import os
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.farebox.storage import (
    Contended,
    Create,
    Filter,
    Increment,
    Query,
    Set,
    Store,
    Unreachable,
    Update,
    Write,
)
from functions.farebox.storage.expiring import EXPIRING, delete_expired
from functions.farebox.storage.sqlite import group_commit
from functions.farebox.storage.sqlite.engine import SqliteEngine
from functions.farebox.storage.sqlite.file import connect, create
from functions.farebox.storage.sqlite.queries import (
    EXPIRING_INDEX_NAME,
    INDEXES,
    Index,
    Statement,
    expired,
    select_paths,
    selects,
)
from tests.support.storage.contended_counter import add_one, count

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "farebox.db"


async def test_what_was_committed_is_there_after_a_restart(path: Path) -> None:
    first = Store(SqliteEngine(path))
    [version] = await first.write(Create("things/a", {"n": 1, "due_at": NOON}))
    await first.close()

    second = Store(SqliteEngine(path))
    document = await second.get("things/a")
    assert document is not None
    assert (document.data, document.version) == ({"n": 1, "due_at": NOON}, version)
    await second.close()


async def test_two_engines_on_one_file_lose_nothing(path: Path) -> None:
    one, other = Store(SqliteEngine(path)), Store(SqliteEngine(path))

    await asyncio.gather(*(store.transact(add_one) for store in (one, other) for _ in range(16)))

    assert (await count(one), await count(other)) == (32, 32)
    await one.close()
    await other.close()


PROCESS = """
import asyncio, sys
from functions.farebox.storage import Store
from functions.farebox.storage.sqlite.engine import SqliteEngine

async def add_one(transaction):
    counter = await transaction.get("counters/c")
    transaction.set("counters/c", {"n": 1 if counter is None else counter.data["n"] + 1})

async def main():
    store = Store(SqliteEngine(sys.argv[1]))
    for _ in range(40):
        await store.transact(add_one)
    await store.close()

asyncio.run(main())
"""


async def test_processes_that_come_at_once_share_one_file(path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-W", "error", "-c", PROCESS, str(path)]
    processes = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(3)]

    async with asyncio.timeout(60):
        assert [await process.wait() for process in processes] == [0, 0, 0]
    store = Store(SqliteEngine(path))
    assert await count(store) == 120
    await store.close()


async def test_a_file_held_by_somebody_else_is_waited_for_without_holding_the_loop(path: Path) -> None:
    store = Store(SqliteEngine(path))
    await store.write(Set("counters/c", {"n": 1}))
    holder = connect(path)
    holder.execute("BEGIN IMMEDIATE")

    writing = asyncio.create_task(store.write(Increment("counters/c", {"n": 1})))
    await asyncio.sleep(0.05)
    assert not writing.done()
    assert await count(store) == 1
    holder.execute("COMMIT")

    await writing
    assert await count(store) == 2
    holder.close()
    await store.close()


async def test_a_file_held_for_too_long_is_unreachable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_S", 0.05)
    store = Store(SqliteEngine(path))
    await store.write(Set("counters/c", {"n": 1}))
    holder = connect(path)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unreachable):
        await store.write(Increment("counters/c", {"n": 1}))

    holder.close()
    await store.write(Increment("counters/c", {"n": 1}))
    assert await count(store) == 2
    await store.close()


async def test_a_full_disk_refuses_the_whole_group_and_harms_nothing(path: Path) -> None:
    engine = SqliteEngine(path)
    store = Store(engine)
    await store.write(Set("counters/c", {"n": 1}))
    assert engine._opened is not None
    writer = engine._opened[1]._connection
    [pages] = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")

    results = await asyncio.gather(
        store.write(Increment("counters/c", {"n": 1})),
        store.write(*(Set(f"things/{n}", {"text": "x" * 1000}) for n in range(400))),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [Unreachable, Unreachable]
    assert (await count(store), await store.count("things")) == (1, 0)
    writer.execute("PRAGMA max_page_count = 1000000")
    await store.write(Increment("counters/c", {"n": 1}))
    assert await count(store) == 2
    await store.close()


async def test_what_has_expired_is_deleted_wherever_it_lies_and_nothing_else(path: Path) -> None:
    store = Store(SqliteEngine(path))
    past, future = NOON, NOON + timedelta(microseconds=1)
    kept = {"leases/a": past, "sessions/b": future, "payments/c": None, "usage/d": past}
    gone = [f"{collection}/{n}" for collection in EXPIRING for n in range(20)] + [
        "users/u/invitations/i",
        "mail/m/parts/0",
    ]
    for at, moment in {**kept, **dict.fromkeys(gone, past)}.items():
        await store.write(Set(at, {"expires_at": moment}))
    assert await delete_expired(store, NOON, is_over=lambda: True) == 200
    assert await delete_expired(store, NOON) == len(gone) - 200
    assert await delete_expired(store, NOON) == 0
    assert [each.path for each in await store.get_many(*kept, *gone) if each is not None] == list(kept)
    await store.close()


async def test_what_is_renewed_while_it_is_to_expire_stays(path: Path) -> None:
    store = Store(SqliteEngine(path))
    await store.write(Set("sessions/a", {"expires_at": NOON}))
    assert isinstance(store.engine, SqliteEngine)
    [delete] = await store.engine.expired(NOON, 10)
    await store.write(Update("sessions/a", {"expires_at": NOON + timedelta(days=1)}))
    with pytest.raises(Contended):
        await store.write(delete)
    await store.close()


def test_what_has_expired_is_found_by_its_index(path: Path) -> None:
    create(path)
    connection = connect(path)
    [step] = plan(connection, expired(NOON))
    assert step.startswith(f"SEARCH documents USING INDEX {EXPIRING_INDEX_NAME} (")
    connection.close()


def test_an_index_of_what_expired_in_an_earlier_version_goes(path: Path) -> None:
    create(path)
    connection = connect(path)
    connection.execute("CREATE INDEX expiring_1a ON documents (field_expires_at) WHERE collection_group IN ('mail')")
    create(path)
    found = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'expiring_%'").fetchall()
    assert found == [(EXPIRING_INDEX_NAME,)]
    connection.close()


async def test_a_file_that_is_no_database_is_unreachable_and_left_alone(path: Path) -> None:
    path.write_bytes(b"something else entirely, and longer than a header " * 10)
    store = Store(SqliteEngine(path))

    with pytest.raises(Unreachable):
        await store.get("things/a")
    with pytest.raises(Unreachable):
        await store.write(Set("things/a", {}))

    assert path.read_bytes().startswith(b"something else")
    await store.close()


async def test_commits_are_forced_to_the_disk(path: Path) -> None:
    engine = SqliteEngine(path)
    await engine.commit([Set("things/a", {})])

    assert engine._opened is not None
    reader, writer = engine._opened
    for connection in (reader, writer._connection):
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await engine.close()


def plan(connection: sqlite3.Connection, statement: Statement) -> list[str]:
    sql, values = statement
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [*values, 10])]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.statement.split()[5])
@pytest.mark.parametrize("descending", [False, True])
def test_each_index_serves_the_query_that_it_is_for(path: Path, index: Index, descending: bool) -> None:
    create(path)
    connection = connect(path)
    *equal, order_by = index.fields
    value = NOON if order_by.endswith("_at") else "x"
    place = f"wallets/u/{index.collection}/x" if index.group else "x"
    query = Query(
        index.collection,
        tuple(Filter(field, "==", "x") for field in equal),
        order_by=order_by,
        descending=descending,
        after=(value, place),
        group=index.group,
    )

    [step] = plan(connection, selects(query)[0])

    name = index.statement.split()[5]
    assert step.startswith(f"SEARCH documents USING INDEX {name} (")
    assert step.count("field_") == len(index.fields), "it starts behind the cursor"
    connection.close()


EARLIER_INDEX = (
    "CREATE INDEX IF NOT EXISTS by_usage_lease ON documents (collection, json_extract(data, '$.lease'), id)"
    " WHERE collection_group = 'usage'"
)


def insert_as_earlier_versions(connection: sqlite3.Connection, record_id: str) -> None:
    """What those did at a start, and a record of theirs."""
    connection.execute(EARLIER_INDEX)
    connection.execute(
        "INSERT INTO documents (collection_group, collection, id, version, data) VALUES ('usage', 'usage', ?, 7, ?)",
        (record_id, '{"lease":"l1","status":"pending"}'),
    )


async def of_lease(path: Path) -> list[str]:
    engine = SqliteEngine(path)
    found = await engine.query(Query("usage", (Filter("lease", "==", "l1"),)))
    await engine.close()
    return [document.id for document in found]


async def test_a_file_of_an_earlier_version_keeps_its_documents_and_its_queries_find_them(path: Path) -> None:
    earlier = sqlite3.connect(path, isolation_level=None)
    earlier.execute(
        "CREATE TABLE documents (collection_group TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,"
        " version INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (collection, id)) STRICT"
    )
    insert_as_earlier_versions(earlier, "r1")

    assert await of_lease(path) == ["r1"]
    assert earlier.execute("SELECT version, field_status FROM documents").fetchall() == [(7, "pending")]

    insert_as_earlier_versions(earlier, "r2")  # it was started once more, and wrote
    assert await of_lease(path) == ["r1", "r2"]
    assert not earlier.execute("SELECT name FROM sqlite_master WHERE name LIKE 'by_%'").fetchall()
    earlier.close()


@pytest.mark.parametrize(
    ("write", "leases"),
    [
        (Update("usage/r", {"lease": "l1"}), ["r"]),
        (Update("usage/r", {"status": "ok"}), []),
        (Set("usage/r", {"lease": "l1"}), ["r"]),
        (Increment("usage/r", {"cost": 1}, {"lease": "l1"}), ["r"]),
        (Increment("usage/r", {"lease": 1}), []),
    ],
)
async def test_a_query_finds_what_a_write_made_of_a_field_with_an_index(
    path: Path, write: Write, leases: list[str]
) -> None:
    engine = SqliteEngine(path)
    await engine.commit([Create("usage/r", {"lease": "l0", "status": "pending"})])
    await engine.commit([write])
    await engine.close()

    assert await of_lease(path) == leases
    connection = connect(path)
    [(column, text)] = connection.execute("SELECT field_lease, json_extract(data, '$.lease') FROM documents")
    assert column == text
    connection.close()


def test_reading_by_path_and_listing_by_id_search_and_never_scan(path: Path) -> None:
    create(path)
    connection = connect(path)
    statements = [
        select_paths([("a", "1"), ("b", "2"), ("c", "3")]),
        *selects(Query("things", after=("x",))),
        *selects(Query("usage", (Filter("lease", "==", "l"),), after=("x",))),
    ]

    for statement in statements:
        steps = plan(connection, statement)
        assert any(step.startswith("SEARCH documents") for step in steps)
        assert not any(step.startswith(("SCAN documents", "USE TEMP")) for step in steps)
    connection.close()
