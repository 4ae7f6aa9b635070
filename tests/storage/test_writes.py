"""What each kind of write does, what it demands, and that a commit is all or nothing."""

import pytest

from functions.farebox.storage import (
    AlreadyExists,
    Check,
    Contended,
    Create,
    Data,
    Delete,
    Increment,
    Missing,
    Set,
    Store,
    Update,
    Write,
)
from functions.farebox.storage.model import MAX_WRITES

STALE = "1.000000000"


async def data_of(store: Store, path: str) -> Data | None:
    document = await store.get(path)
    return None if document is None else document.data


async def version_of(store: Store, path: str) -> str:
    document = await store.get(path)
    assert document is not None
    return document.version


async def test_what_was_never_written_is_not_there(store: Store) -> None:
    assert await store.get("things/a") is None


async def test_a_created_document_is_read_back_with_its_path_id_and_version(store: Store) -> None:
    [version] = await store.write(Create("users/u1/things/t1", {"n": 1}))

    document = await store.get("users/u1/things/t1")

    assert document is not None
    assert (document.path, document.id, document.data) == ("users/u1/things/t1", "t1", {"n": 1})
    assert document.version == version


async def test_documents_are_read_together_in_the_order_asked_for(store: Store) -> None:
    await store.write(Create("things/a", {"n": 1}), Create("things/b", {"n": 2}))

    found = await store.get_many("things/b", "things/none", "things/a", "things/b")

    assert [document and document.data["n"] for document in found] == [2, None, 1, 2]
    assert await store.get_many() == []


async def test_a_document_is_created_once(store: Store) -> None:
    await store.write(Create("things/a", {"n": 1}))

    with pytest.raises(AlreadyExists):
        await store.write(Create("things/a", {"n": 1}))
    with pytest.raises(AlreadyExists):
        await store.write(Create("things/a", {"n": 2}))

    assert await data_of(store, "things/a") == {"n": 1}


async def test_a_set_replaces_the_whole_document(store: Store) -> None:
    await store.write(Set("things/a", {"n": 1, "old": True}))

    await store.write(Set("things/a", {"n": 2}))

    assert await data_of(store, "things/a") == {"n": 2}


async def test_an_update_replaces_the_named_fields_whole_and_keeps_the_others(store: Store) -> None:
    await store.write(Create("things/a", {"n": 1, "kept": "yes", "limits": {"rpm": 1, "tpm": 2}}))

    await store.write(Update("things/a", {"n": 2, "limits": {"rpm": 3}, "2fa": False}))

    assert await data_of(store, "things/a") == {"n": 2, "kept": "yes", "limits": {"rpm": 3}, "2fa": False}


async def test_an_update_demands_a_document(store: Store) -> None:
    with pytest.raises(Missing):
        await store.write(Update("things/a", {"n": 1}))

    assert await store.get("things/a") is None


async def test_an_increment_counts_from_nothing_and_sets_its_fields(store: Store) -> None:
    await store.write(Increment("things/a", {"n": 2, "m": -1}, {"name": "a"}))
    await store.write(Increment("things/a", {"n": 3}, {"name": "b"}))
    await store.write(Increment("things/a", {"2xx": 1}))

    assert await data_of(store, "things/a") == {"n": 5, "m": -1, "name": "b", "2xx": 1}


async def test_an_increment_of_what_is_no_number_starts_over_and_stops_at_64_bits(store: Store) -> None:
    await store.write(Set("things/a", {"text": "7", "flag": True, "none": None, "big": 2**63 - 2, "half": 0.5}))

    await store.write(Increment("things/a", {"text": 1, "flag": 1, "none": 1, "big": 5, "half": 1}))

    assert await data_of(store, "things/a") == {"text": 1, "flag": 1, "none": 1, "big": 2**63 - 1, "half": 1.5}


async def test_a_delete_removes_a_document_there_or_not(store: Store) -> None:
    await store.write(Create("things/a", {"n": 1}))

    await store.write(Delete("things/a"), Delete("things/never"))

    assert await store.get("things/a") is None


def over(version: str) -> list[Write]:
    return [
        Set("things/a", {"n": 2}, if_version=version),
        Update("things/a", {"n": 2}, if_version=version),
        Delete("things/a", if_version=version),
        Check("things/a", version),
    ]


@pytest.mark.parametrize("kind", range(4), ids=["set", "update", "delete", "check"])
class TestAVersion:
    async def test_is_met_by_the_document_that_was_read(self, store: Store, kind: int) -> None:
        await store.write(Create("things/a", {"n": 1}))

        await store.write(over(await version_of(store, "things/a"))[kind])

        expected: list[Data | None] = [{"n": 2}, {"n": 2}, None, {"n": 1}]
        assert await data_of(store, "things/a") == expected[kind]

    async def test_is_not_met_once_somebody_wrote(self, store: Store, kind: int) -> None:
        await store.write(Create("things/a", {"n": 1}))
        version = await version_of(store, "things/a")
        await store.write(Update("things/a", {"n": 7}))

        with pytest.raises(Contended):
            await store.write(over(version)[kind])

        assert await data_of(store, "things/a") == {"n": 7}

    async def test_is_not_met_by_a_document_made_anew(self, store: Store, kind: int) -> None:
        await store.write(Create("things/a", {"n": 1}))
        version = await version_of(store, "things/a")
        await store.write(Delete("things/a"))
        await store.write(Create("things/a", {"n": 1}))

        with pytest.raises(Contended):
            await store.write(over(version)[kind])

    async def test_is_not_met_by_nothing(self, store: Store, kind: int) -> None:
        with pytest.raises(Contended):
            await store.write(over(STALE)[kind])

        assert await store.get("things/a") is None


async def test_a_check_of_nothing_holds_until_a_document_appears(store: Store) -> None:
    await store.write(Check("things/a", None), Set("things/b", {"n": 1}))
    assert await store.get("things/a") is None
    await store.write(Create("things/a", {"n": 1}))

    with pytest.raises(Contended):
        await store.write(Check("things/a", None), Set("things/b", {"n": 2}))

    assert await data_of(store, "things/b") == {"n": 1}


async def test_a_refusal_names_its_own_cause_among_other_preconditions(store: Store) -> None:
    await store.write(Create("things/a", {"n": 1}), Create("things/b", {"n": 1}))
    held = Check("things/a", await version_of(store, "things/a"))
    absent = Check("things/none", None)

    with pytest.raises(AlreadyExists):
        await store.write(held, absent, Create("things/b", {}))
    with pytest.raises(Missing):
        await store.write(held, absent, Create("things/new", {}), Update("things/gone", {"n": 1}))
    with pytest.raises(Contended):
        await store.write(held, Create("things/new", {}), Check("things/b", None))
    with pytest.raises(Contended):
        await store.write(held, Update("things/b", {"n": 2}), Delete("things/gone", if_version=STALE))


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (Create("things/there", {}), AlreadyExists),
        (Update("things/gone", {"n": 1}), Missing),
        (Set("things/there", {"n": 9}, if_version=STALE), Contended),
        (Check("things/there", None), Contended),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, type) else value.__name__,
)
async def test_one_refused_write_stops_all_the_others(store: Store, refused: Write, error: type[Exception]) -> None:
    await store.write(Create("things/there", {"n": 1}), Create("things/deleted", {"n": 1}))
    before: list[Write] = [
        Create("things/created", {"n": 1}),
        Increment("things/counted", {"n": 1}),
        Delete("things/deleted"),
    ]

    with pytest.raises(error):
        await store.write(*before, refused, Set("things/set", {"n": 1}))

    names = ("there", "deleted", "created", "counted", "set", "gone")
    found = await store.get_many(*(f"things/{name}" for name in names))
    assert [document and document.data for document in found] == [{"n": 1}, {"n": 1}, None, None, None, None]


async def test_a_version_changes_with_every_change_and_only_then(store: Store) -> None:
    seen = [(await store.write(Create("things/a", {"n": 1, "m": {"x": 1, "y": 2}})))[0]]
    changes: list[Write] = [
        Update("things/a", {"n": 2}),
        Increment("things/a", {"n": 1}),
        Set("things/a", {"n": 3}),
    ]
    for change in changes:
        [version] = await store.write(change)
        assert version == await version_of(store, "things/a")
        assert version not in seen
        seen.append(version)
    unchanging: list[Write] = [
        Check("things/a", seen[-1]),
        Update("things/a", {"n": 3}),
        Set("things/a", {"n": 3}),
        Increment("things/a", {"n": 0}),
    ]
    for write in unchanging:
        await store.write(write, Set("things/other", {"n": 1}))
        assert await version_of(store, "things/a") == seen[-1]


async def test_a_commit_answers_the_version_of_each_document_that_it_wrote(store: Store) -> None:
    await store.write(Create("things/old", {"n": 1}), Create("things/checked", {"n": 1}))
    checked = await version_of(store, "things/checked")

    versions = await store.write(
        Create("things/new", {}),
        Delete("things/old"),
        Increment("things/counted", {"n": 1}),
        Check("things/checked", checked),
        Check("things/none", None),
    )

    new, counted = await version_of(store, "things/new"), await version_of(store, "things/counted")
    assert versions == [new, None, counted, None, None]
    assert await store.write() == []


async def test_a_full_commit_is_taken_and_a_fuller_one_is_not(store: Store) -> None:
    await store.write(*(Set(f"things/{n}", {"n": n}) for n in range(MAX_WRITES)))
    assert await store.count("things") == MAX_WRITES

    with pytest.raises(ValueError, match="writes in one commit"):
        await store.write(*(Set(f"others/{n}", {}) for n in range(MAX_WRITES + 1)))
    with pytest.raises(ValueError, match="a path once"):
        await store.write(Set("things/a", {}), Check("things/a", None))


async def test_what_is_no_documents_path_is_refused(store: Store) -> None:
    for path in ("things", "things/a/more", "things/", "/a", "things//a/b", ""):
        with pytest.raises(ValueError, match="no document's path"):
            await store.write(Set(path, {}))
        with pytest.raises(ValueError, match="no document's path"):
            await store.get(path)


async def test_a_closed_store_takes_nothing(store: Store) -> None:
    await store.write(Set("things/a", {"n": 1}))
    await store.close()

    with pytest.raises(RuntimeError):
        await store.write(Set("things/a", {"n": 2}))
    with pytest.raises(RuntimeError):
        await store.get("things/a")
