"""What can be kept comes back the same; what cannot is refused before anything is written."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.storage import Data, Filter, Increment, Query, Set, Store, Update, Write
from functions.farebox.storage.checks import MAX_INT, MIN_INT, check_fields, is_time_field
from functions.farebox.storage.firestore.protocol.firestore_pb2 import MapValue
from functions.farebox.storage.firestore.values import decode_fields, encode_fields
from functions.farebox.storage.sqlite.json_text import dumps, loads, time_text

MOMENT = datetime(2026, 11, 21, 6, 49, 0, 120, tzinfo=UTC)

KEPT: Data = {
    "none": None,
    "true": True,
    "zero": 0,
    "largest": MAX_INT,
    "smallest": MIN_INT,
    "beyond_double": 2**53 + 1,
    "half": 0.5,
    "whole_float": 3.0,
    "tiny": 5e-324,
    "empty": "",
    "text": "naïve 日本 🚕 \x00 \" ' \\ \u2028",
    "looks_like_a_time": "2026-11-21T06:49:00.000000Z",
    "list": [1, "two", None, {"three": 3, "due_at": MOMENT}, 0.5],
    "no_items": [],
    "mapping": {"gpt-4o mini": {"rpm": 1, "näme": [True]}, "ends_at": None, "a/b": 1, "0": 2, "quote'\"": 3},
    "no_keys": {},
    "created_at": MOMENT,
    "whole_second_at": MOMENT.replace(microsecond=0),
    "last_at": datetime.max.replace(tzinfo=UTC),
    "first_at": datetime.min.replace(tzinfo=UTC),
    "never_at": None,
    "_at": MOMENT,
    "2fa": True,
}


async def test_every_kind_of_value_comes_back_as_it_was(store: Store) -> None:
    await store.write(Set("things/a", KEPT))

    document = await store.get("things/a")

    assert document is not None
    assert document.data == KEPT
    types = {name: type(value) for name, value in document.data.items()}
    assert types == {name: type(value) for name, value in KEPT.items()}


async def test_a_time_comes_back_plain_and_in_utc_from_any_zone(store: Store) -> None:
    abroad = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    await store.write(Set("things/a", {"due_at": abroad}), Set("things/b", {}))
    await store.write(Update("things/b", {"due_at": abroad}))
    await store.write(Increment("things/c", {"n": 1}, {"due_at": abroad}))

    for document in await store.get_many("things/a", "things/b", "things/c"):
        assert document is not None
        due_at = document.data["due_at"]
        assert due_at == MOMENT
        assert type(due_at) is datetime
        assert due_at.tzinfo is UTC


async def test_what_is_written_is_what_it_was_when_the_write_was_asked_for(store: Store) -> None:
    data = {"list": [1]}
    await store.write(Set("things/a", data))
    document = await store.get("things/a")
    assert document is not None

    data["list"].append(2)
    document.data["list"].append(3)

    again = await store.get("things/a")
    assert again is not None
    assert again.data == {"list": [1]}


async def test_ids_may_be_any_text(store: Store) -> None:
    ids = ["a b", "ü", "日本", "50%", "a.b", "x" * 500, "~", "a:b", "'; --"]
    await store.write(*(Set(f"things/{name}", {"n": 1}) for name in ids))

    assert [document.id for document in await store.query(Query("things"))] == sorted(ids)
    assert all(await store.get_many(*(f"things/{name}" for name in ids)))


@pytest.mark.parametrize("name", [".", "..", "__reserved__", "__", "x" * 1501, "ü" * 751, "half \ud83d"])
async def test_an_id_that_firestore_does_not_take_is_never_found_and_never_written(store: Store, name: str) -> None:
    await store.write(Set("things/a", {"n": 1}))

    found = await store.get_many("things/a", f"things/{name}", f"things/{name}/parts/p")

    assert [document is not None for document in found] == [True, False, False]
    assert await store.get(f"things/{name}") is None
    with pytest.raises(ValueError, match="no document may be at"):
        await store.write(Set(f"things/{name}", {"n": 1}))


REFUSED: list[Data] = [
    {"created": MOMENT},
    {"list": [MOMENT]},
    {"list_at": [MOMENT]},
    {"nested": {"when": MOMENT}},
    {"created_at": "2026-11-21T06:49:00Z"},
    {"created_at": 0},
    {"nested": [{"created_at": True}]},
    {"map_at": {"a": 1}},
    {"created_at": MOMENT.replace(tzinfo=None)},
    {"n": MAX_INT + 1},
    {"n": MIN_INT - 1},
    {"nested": {"n": [MAX_INT + 1]}},
    {"n": float("nan")},
    {"n": float("inf")},
    {"n": Decimal(1)},
    {"day": date(2026, 11, 21)},
    {"raw": b"bytes"},
    {"set": {1}},
    {"lists": [[1]]},
    {"half": "\ud83d"},
    {"map": {"\ud83d": 1}},
    {"map": {"a.b": 1}},
    {"map": {"a`b": 1}},
    {"map": {"": 1}},
    {"map": {1: 1}},
    {"a.b": 1},
    {"a-b": 1},
    {"ä": 1},
    {"": 1},
]


@pytest.mark.parametrize("data", REFUSED, ids=repr)
async def test_what_cannot_be_kept_is_refused_whichever_way_it_comes(sqlite_store: Store, data: Data) -> None:
    writes: list[Write] = [Set("things/a", data), Update("things/a", data), Increment("things/a", {"n1": 1}, data)]
    for write in writes:
        with pytest.raises(TypeError):
            await sqlite_store.write(Set("things/other", {}), write)

    assert await sqlite_store.count("things") == 0


GOOD: Data = {"n": 1, "created_at": MOMENT, "list": ["a"], "nested": [{"a": 1}], "map": {"a": {"b": None}}, "lists": []}
NAMES_OF_ALL = sorted({name for data in (GOOD, *REFUSED) for name in data if name.isidentifier() and name.isascii()})


@pytest.mark.parametrize("data", REFUSED, ids=repr)
def test_what_cannot_be_kept_is_refused_beside_what_is_known_to_be_good(data: Data) -> None:
    for name in (*NAMES_OF_ALL, *NAMES_OF_ALL):  # which is looked at less closely from the second time on
        check_fields({name: None, "map": {name: None}})
    check_fields(GOOD)

    for _ in range(2):
        with pytest.raises(TypeError):
            check_fields(GOOD | data)


async def test_both_engines_refuse_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.write(Set("things/other", {}), Set("things/a", {"created": MOMENT}))

    assert await store.count("things") == 0


@pytest.mark.parametrize("amount", [1.5, "1", None, True, MAX_INT + 1])
async def test_an_increment_is_a_whole_number(sqlite_store: Store, amount: Any) -> None:
    with pytest.raises(TypeError):
        await sqlite_store.write(Increment("things/a", {"n": amount}))
    with pytest.raises(ValueError, match="both set and incremented"):
        await sqlite_store.write(Increment("things/a", {"n": 1}, {"n": 1}))


async def test_a_filter_on_a_time_takes_a_time_of_any_zone(store: Store) -> None:
    await store.write(Set("things/a", {"due_at": MOMENT}))
    abroad = MOMENT.astimezone(timezone(timedelta(hours=-8)))

    assert await store.count("things", Filter("due_at", "==", abroad)) == 1


NAMES = st.text(st.sampled_from("abc_019"), min_size=1, max_size=6).filter(lambda name: not is_time_field(name))
MOMENTS = st.datetimes(timezones=st.just(UTC))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(MIN_INT, MAX_INT),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)


def mappings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    timed = st.dictionaries(NAMES.map(lambda name: f"{name}_at"), st.none() | MOMENTS, max_size=2)
    return st.tuples(st.dictionaries(NAMES, values, max_size=4), timed).map(lambda pair: pair[0] | pair[1])


DATA = mappings(st.recursive(SCALARS, lambda inner: mappings(inner) | st.lists(SCALARS | mappings(inner), max_size=3)))


@given(DATA)
def test_any_data_survives_both_encodings(data: Data) -> None:
    check_fields(data)

    assert loads(dumps(data)) == data
    encode_fields(data, (message := MapValue()).fields)
    assert decode_fields(message.fields) == data


@given(MOMENTS, MOMENTS)
def test_times_order_as_text_as_they_do_as_times(one: datetime, other: datetime) -> None:
    assert (one < other) == (time_text(one) < time_text(other))
