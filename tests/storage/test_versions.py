"""A document of an earlier version is read in its newest form, and is written in it, on either engine."""

import pytest

from functions.farebox.storage import Create, Data, Increment, Query, Set, Store, Transaction, Update
from functions.farebox.storage.copying import COLLECTIONS
from functions.farebox.storage.upgrading import PASS, upgrade_store
from functions.farebox.storage.versions import STEPS, VERSION

ALL = Query("things", limit=100)


def _name_parts(thing: Data) -> Data:
    first, _, last = thing.get("name", "").partition(" ")
    return {"first": first, "last": last, **thing}


def _count_uses(thing: Data) -> Data:
    return {"uses": 0, **thing}


@pytest.fixture
async def old(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with things of version 1, whose kind has changed twice since."""
    await store.write(*(Create(f"things/{number}", {"name": f"Ada {number}"}) for number in range(9)))
    monkeypatch.setitem(dict_of_steps(), "things", (_name_parts, _count_uses))
    return store


def dict_of_steps() -> dict[str, object]:
    assert isinstance(STEPS, dict)
    return STEPS


async def stored(store: Store, monkeypatch: pytest.MonkeyPatch) -> dict[str, Data]:
    """What is there, as nobody sees it who knows of versions."""
    with monkeypatch.context() as patch:
        patch.delitem(dict_of_steps(), "things")
        return {document.id: document.data for document in await store.query(ALL)}


async def test_what_is_older_is_read_in_its_newest_form(old: Store) -> None:
    found = await old.get("things/3")
    assert found is not None
    assert found.is_older
    assert found.data == {"name": "Ada 3", "first": "Ada", "last": "3", "uses": 0}
    assert found.data in [document.data for document in await old.query(ALL)]


async def test_reading_writes_nothing(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await old.query(ALL)
    assert (await stored(old, monkeypatch))["3"] == {"name": "Ada 3"}


async def test_each_way_to_write_a_whole_document_says_its_version(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(tx: Transaction) -> None:
        await tx.get("things/1")
        tx.set("things/1", {"first": "Bea"})
        tx.create("things/new", {"first": "Cem"})

    await old.transact(work)
    await old.write(Set("things/0", {"first": "Dea"}))
    await old.begin(Create("things/queued", {"first": "Eli"}))
    there = await stored(old, monkeypatch)
    assert [there[name][VERSION] for name in ("0", "1", "new", "queued")] == [3, 3, 3, 3]
    found = await old.get("things/new")
    assert found is not None
    assert not found.is_older
    assert found.data == {"first": "Cem"}  # what is newest goes through no step


async def test_what_is_written_in_part_is_whole_when_it_is_read(old: Store) -> None:
    before = await old.get("things/2")
    assert before is not None
    await old.write(Update("things/2", {"last": "Lovelace"}, before.version, before.data))
    await old.write(Increment("things/3", {"uses": 2}), Update("things/4", {"first": "Bea"}))
    two, three, four = await old.get_many("things/2", "things/3", "things/4")
    assert two is not None and three is not None and four is not None
    assert (two.data["first"], two.data["last"], two.data["uses"]) == ("Ada", "Lovelace", 0)
    assert (three.data["last"], three.data["uses"]) == ("3", 2)
    assert (four.data["first"], four.data["last"]) == ("Bea", "4")


async def test_what_a_later_version_wrote_is_left_as_it_is(old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delitem(dict_of_steps(), "things")
        await old.write(Set("things/1", {"given": "Ada", VERSION: 7}))
    found = await old.get("things/1")
    assert found is not None
    assert not found.is_older
    assert found.data == {"given": "Ada"}


async def test_an_upgrade_writes_all_that_is_older_and_goes_on_where_it_was_cut_off(
    old: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.farebox.storage.copying.MOST_WRITES", 4)
    await old.write(Set("things/0", {"first": "Bea"}))
    first = await anext(aiter(upgrade_store(old)))  # and the process is killed
    assert (first.kind, first.after, first.documents, first.upgraded) == ("things", "things/3", 4, 3)
    told = [done async for done in upgrade_store(old)]
    assert (told[0].after, told[-1].documents, told[-1].upgraded) == ("things/7", 9, 8)
    assert {data[VERSION] for data in (await stored(old, monkeypatch)).values()} == {3}
    assert await old.get(PASS) is None
    again = [done async for done in upgrade_store(old)]
    assert (again[-1].documents, again[-1].upgraded) == (9, 0)


async def test_an_upgrade_overwrites_nobody_and_brings_nothing_back(
    old: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = await old.query(ALL)

    async def late(_query: Query) -> list[object]:
        return list(seen)

    await old.write(Update("things/5", {"first": "Zoe"}))
    with monkeypatch.context() as patch:
        patch.setattr(old, "query", late)  # what was read has changed by now
        async for _ in upgrade_store(old):
            pass
    assert (await stored(old, monkeypatch))["5"]["first"] == "Zoe"


def test_every_kind_that_has_changed_is_one_that_the_code_has() -> None:
    assert set(STEPS) <= set(COLLECTIONS)
