"""Queries answer the same on every engine: what matches, in which order, page by page."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.storage import Create, Data, Filter, Query, Set, Store
from functions.farebox.storage.model import MAX_PAGE, Operator

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

MIXED: dict[str, Any] = {
    "none": None,
    "false": False,
    "true": True,
    "minus": -1,
    "zero": 0,
    "one": 1,
    "one_and_a_half": 1.5,
    "two": 2,
    "ten": 10,
    "empty": "",
    "text_1": "1",
    "text_a": "a",
    "text_b": "b",
    "text_z": "ü",
    "list": [1],
    "mapping": {"a": 1},
}


async def fill(store: Store, collection: str, documents: dict[str, Data]) -> None:
    await store.write(*(Create(f"{collection}/{name}", data) for name, data in documents.items()))


async def ids(store: Store, query: Query) -> list[str]:
    return [document.id for document in await store.query(query)]


async def walk(store: Store, query: Query) -> list[str]:
    return [document.path async for document in store.scan(query)]


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("==", None, {"none"}),
        ("==", False, {"false"}),
        ("==", True, {"true"}),
        ("==", 0, {"zero"}),
        ("==", 1, {"one"}),
        ("==", 1.0, {"one"}),
        ("==", 1.5, {"one_and_a_half"}),
        ("==", "1", {"text_1"}),
        ("==", "", {"empty"}),
        ("==", '{"a":1}', set()),
        ("==", "[1]", set()),
        ("<", 1, {"minus", "zero"}),
        ("<=", 1, {"minus", "zero", "one"}),
        (">", 1, {"one_and_a_half", "two", "ten"}),
        (">=", 1.5, {"one_and_a_half", "two", "ten"}),
        ("<", True, {"false"}),
        (">=", False, {"false", "true"}),
        ("<", "b", {"empty", "text_1", "text_a"}),
        ("<=", "a", {"empty", "text_1", "text_a"}),
        (">", "a", {"text_b", "text_z"}),
        (">=", "", {"empty", "text_1", "text_a", "text_b", "text_z"}),
    ],
)
async def test_a_filter_finds_values_of_its_own_type_only(
    store: Store, op: Operator, value: Any, expected: set[str]
) -> None:
    await fill(store, "mixed", {name: {"v": mixed} for name, mixed in MIXED.items()} | {"without": {"w": 1}})

    found = await ids(store, Query("mixed", (Filter("v", op, value),), order_by="v"))

    assert sorted(found) == sorted(expected)
    assert await store.count("mixed", Filter("v", op, value)) == len(expected)


async def test_a_filter_compares_times(store: Store) -> None:
    moments = {f"t{n}": NOON + timedelta(microseconds=n) for n in range(4)}
    await fill(store, "events", {name: {"due_at": moment} for name, moment in moments.items()})
    await fill(store, "events", {"never": {"due_at": None}, "unset": {}})

    def due(op: Operator, value: datetime | None) -> Query:
        return Query("events", (Filter("due_at", op, value),), order_by="due_at")

    assert await ids(store, due("<", moments["t2"])) == ["t0", "t1"]
    assert await ids(store, due(">=", moments["t2"])) == ["t2", "t3"]
    assert await ids(store, due("==", moments["t2"])) == ["t2"]
    assert await ids(store, due("==", None)) == ["never"]


async def test_all_filters_hold_together(store: Store) -> None:
    await fill(store, "usage", {f"r{n}": {"user": f"u{n % 2}", "cost": n, "ok": n % 3 == 0} for n in range(12)})
    mine = Filter("user", "==", "u0")

    def costing(*ranges: Filter) -> Query:
        return Query("usage", (mine, *ranges), order_by="cost", descending=True)

    assert await ids(store, Query("usage", (mine, Filter("ok", "==", True)))) == ["r0", "r6"]
    assert await ids(store, costing(Filter("cost", ">", 2), Filter("cost", "<=", 8))) == ["r8", "r6", "r4"]
    assert await ids(store, costing(Filter("cost", ">=", 10), Filter("ok", "==", True))) == []


async def test_a_range_of_one_field_may_be_ordered_by_another_that_is_unique(store: Store) -> None:
    await fill(store, "usage", {f"r{n}": {"cost": n, "seq": -n} for n in range(6)})

    for limit in (1, 3, 10):
        query = Query("usage", (Filter("cost", ">", 1), Filter("cost", "<", 5)), order_by="seq", limit=limit)
        assert await walk(store, query) == ["usage/r4", "usage/r3", "usage/r2"]


async def test_a_collection_is_listed_by_id_without_its_subcollections_or_neighbours(store: Store) -> None:
    for path in ("users/b", "users/a", "users/a-b", "users/a/keys/k", "users_old/x", "admin/users/users/y"):
        await store.write(Create(path, {"n": 1}))

    assert await ids(store, Query("users")) == ["a", "a-b", "b"]
    assert await ids(store, Query("users", limit=2)) == ["a", "a-b"]
    assert await ids(store, Query("users", after=("a",))) == ["a-b", "b"]
    assert await ids(store, Query("admin/users/users")) == ["y"]


async def test_an_order_leaves_out_documents_without_the_field_and_puts_none_first(store: Store) -> None:
    values = {"e": None, "d": -1, "c": 1.5, "b": 10, "a": "", "f": "a", "g": "b"}
    await fill(store, "things", {name: {"v": value} for name, value in values.items()} | {"without": {}})

    assert await ids(store, Query("things", order_by="v")) == ["e", "d", "c", "b", "a", "f", "g"]
    assert await ids(store, Query("things", order_by="v", descending=True)) == [
        "g",
        "f",
        "a",
        "b",
        "c",
        "d",
        "e",
    ]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 20])
async def test_pages_follow_each_other_across_ties_without_gap_or_repetition(
    store: Store, descending: bool, limit: int
) -> None:
    values: list[Any] = [None, None, None, 1, 1, 1, 2, "x", "x"]
    await fill(store, "things", {f"t{n}": {"v": value} for n, value in enumerate(values)})
    expected = [f"things/t{n}" for n in range(len(values))]

    walked = await walk(store, Query("things", order_by="v", descending=descending, limit=limit))

    assert walked == (expected[::-1] if descending else expected)


async def test_pages_ordered_by_time_follow_each_other(store: Store) -> None:
    moments = [NOON, NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1)]
    await fill(store, "events", {f"e{n}": {"user": "u", "at_at": at} for n, at in enumerate(moments)})
    query = Query("events", (Filter("user", "==", "u"),), order_by="at_at", descending=True, limit=1)

    assert await walk(store, query) == ["events/e3", "events/e2", "events/e1", "events/e0"]


async def test_a_cursor_need_not_be_a_document(store: Store) -> None:
    await fill(store, "things", {f"t{n}": {"v": n} for n in range(4)})

    assert await ids(store, Query("things", order_by="v", after=(1, "zzz"))) == ["t2", "t3"]
    assert await ids(store, Query("things", order_by="v", after=(1.5, "a"))) == ["t2", "t3"]
    assert await ids(store, Query("things", order_by="v", after=("text", "a"))) == []


async def group_of_leases(store: Store) -> None:
    for owner in ("a", "a-b", "b"):
        for lease, expires in (("l1", 2), ("l2", 1)):
            await store.write(
                Create(f"wallets/{owner}/leases/{lease}", {"n": expires, "due_at": NOON + expires * timedelta(1)})
            )
    await store.write(Create("wallets/a", {"n": 0}), Create("leases_old/x", {"n": 1}), Create("leases/top", {"n": 1}))


async def test_a_group_is_every_collection_of_its_name_by_path(store: Store) -> None:
    await group_of_leases(store)
    expected = [
        "leases/top",
        "wallets/a/leases/l1",
        "wallets/a/leases/l2",
        "wallets/a-b/leases/l1",
        "wallets/a-b/leases/l2",
        "wallets/b/leases/l1",
        "wallets/b/leases/l2",
    ]

    for limit in (1, 3, 100):
        assert await walk(store, Query("leases", group=True, limit=limit)) == expected


async def test_a_group_is_filtered_and_ordered_by_a_field_then_by_path(store: Store) -> None:
    await group_of_leases(store)
    due = Query("leases", (Filter("due_at", "<=", NOON + timedelta(2)),), order_by="due_at", group=True, limit=2)

    assert await walk(store, due) == [
        "wallets/a/leases/l2",
        "wallets/a-b/leases/l2",
        "wallets/b/leases/l2",
        "wallets/a/leases/l1",
        "wallets/a-b/leases/l1",
        "wallets/b/leases/l1",
    ]
    assert (await store.engine.aggregate(replace(due, where=()), ["n"])) == {"count": 7, "n": 10}


async def test_sums_count_every_match_and_add_what_is_there(store: Store) -> None:
    big = 2**53 + 1
    await fill(
        store,
        "days",
        {
            "a": {"user": "u", "cost": big, "requests": 1},
            "b": {"user": "u", "cost": 1},
            "c": {"user": "u", "cost": None, "requests": 5},
            "d": {"user": "other", "cost": 7, "requests": 7},
        },
    )
    mine = Filter("user", "==", "u")

    assert await store.sums("days", ["cost", "requests"], mine) == {"count": 3, "cost": big + 1, "requests": 6}
    assert await store.sums("days", ["nothing"], mine) == {"count": 3, "nothing": 0}
    assert await store.sums("days", ["cost"], Filter("user", "==", "nobody")) == {"count": 0, "cost": 0}
    assert await store.count("days") == 4
    assert await store.count("nowhere") == 0


async def test_counts_ignore_order_limit_and_cursor(store: Store) -> None:
    await fill(store, "things", {f"t{n}": {"v": n} for n in range(5)} | {"without": {}})

    query = Query("things", order_by="v", limit=1, after=(3, "t3"))

    assert await store.engine.aggregate(query, ["v"]) == {"count": 6, "v": 10}


async def test_queries_see_what_was_written_before(store: Store) -> None:
    for n in range(5):
        await store.write(Set(f"things/t{n}", {"v": n}))
        assert len(await store.query(Query("things", (Filter("v", ">=", 0),), order_by="v"))) == n + 1


@pytest.mark.parametrize(
    "query",
    [
        Query("things", limit=0),
        Query("things", limit=MAX_PAGE + 1),
        Query("things/a"),
        Query("things' OR 1 --"),
        Query("a/b/things", group=True),
        Query("things", (Filter("v", ">", None),), order_by="v"),
        Query("things", (Filter("v", ">", 1),)),
        Query("things", descending=True),
        Query("things", order_by="v", after=("a",)),
        Query("things", after=(1, "a")),
        Query("things", after=(1,)),
        Query("things", group=True, after=("a",)),
    ],
    ids=repr,
)
async def test_a_query_out_of_bounds_is_refused(store: Store, query: Query) -> None:
    with pytest.raises(ValueError):
        await store.query(query)


@pytest.mark.parametrize(
    "query",
    [
        Query("things", (Filter("v", "==", [1]),)),
        Query("things", (Filter("v", "==", {"a": 1}),)),
        Query("things", (Filter("v", "==", NOON),)),
        Query("things", (Filter("due_at", "==", "2026-11-21T12:00:00.000000Z"),)),
        Query("things", (Filter("v.w", "==", 1),)),
        Query("things", (Filter("v') OR 1 --", "==", 1),)),
        Query("things", order_by="v'"),
    ],
    ids=repr,
)
async def test_a_query_for_what_has_no_order_or_no_name_is_refused(store: Store, query: Query) -> None:
    with pytest.raises(TypeError):
        await store.query(query)


@pytest.mark.parametrize(
    "query",
    [
        Query("things", limit=3),
        Query("things", limit=3, after=("d05",)),
        Query("things", order_by="number", limit=3),
        Query("things", order_by="number", descending=True, limit=3),
        Query("things", (Filter("even", "==", True),), limit=3),
        Query("parts", limit=3, group=True),
        Query("parts", order_by="number", limit=3, group=True),
        Query("parts", limit=3, after=("things/d02/parts/p1",), group=True),
        Query("nothing", limit=3),
    ],
)
async def test_walking_finds_what_pages_find_in_their_order(store: Store, query: Query) -> None:
    numbers = random.Random(2).sample(range(20), 20)
    things = [(f"things/d{n:02}", {"number": n % 4 or None, "even": n % 2 == 0}) for n in numbers]
    parts = [(f"things/d{n:02}/parts/p{part}", {"number": part * n % 5}) for n in numbers for part in range(2)]
    await store.write(*(Create(path, data) for path, data in things + parts))
    assert [document async for document in store.walk(query)] == [document async for document in store.scan(query)]
