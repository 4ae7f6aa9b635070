"""Another root key: nothing that was sealed opens with the old one any more, and what people hold goes on working."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.keys.authentication import KeyAuthenticator
from functions.farebox.secrets.reseal import HASHED, Resealed, reseal
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.seal import Seal, Unopened
from functions.farebox.secrets.sealed_places import PLACES, unopened, with_text
from functions.farebox.secrets.store_mark import MARK, check_mark, note_identity
from functions.farebox.storage import Create, Data, Query, Store
from functions.farebox.storage.copying import COLLECTIONS
from functions.farebox.wiring.runtime import utc_now
from tests.support.money.customers import open_customer
from tests.support.product.runtime import SECRET
from tests.support.source.collections import FUNCTIONS

OLD, NEW, NEWER = SECRET, "n" * 32, "m" * 32
# What lives for hours, or is written anew.
ENDING = {"cursors", "kept", "local-tokens", "mark", "response-items", "sandbox-webhooks"}
TEXT = "sk-what-was-sealed"
PURPOSES = [place.purpose for place in PLACES]


def key_of(secret: str) -> SecretKey:
    return SecretKey(secret.encode())


@pytest.fixture
async def sealed(store: Store) -> Store:
    """A store of the old key, with a text that was sealed in each place of three documents, and one without."""
    await check_mark(store, key_of(OLD))
    for place in PLACES:
        close = Seal(key_of(OLD).derive(place.purpose)).close
        for number in range(3):
            data: Data = {"alerts": {}, "number": number, "none": None, "text": "gAAAA plain"}
            for field in place.fields:
                data = with_text(data, field, close(TEXT))
            await store.write(Create(f"{place.query.collection}/{number}", data))
        await store.write(Create(f"{place.query.collection}/none", {"alerts": {}}))
    return store


TEXTS = 3 * sum(len(place.fields) for place in PLACES)


async def run(store: Store, old: str, new: str, *, cut_after: int | None = None, gives_up: bool = False) -> Resealed:
    done = Resealed()
    async for done in reseal(store, key_of(old), key_of(new), gives_up=gives_up):
        if done.documents == cut_after:
            break
    return done


async def opened_by(store: Store, secret: str) -> int:
    """How many texts of the whole store one of a root's keys opens."""
    seals = [Seal(key_of(secret).derive(purpose)) for purpose in PURPOSES]
    return sum([_opens(seals, text) async for text in _texts(store)])


async def _texts(store: Store) -> AsyncIterator[str]:
    for collection in COLLECTIONS:
        async for document in store.scan(Query(collection, limit=500, group=True)):
            for text in _strings(document.data):
                yield text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _opens(seals: list[Seal], text: str) -> bool:
    for seal in seals:
        try:
            return seal.open(text) == TEXT
        except Unopened:
            pass
    return False


async def test_what_was_sealed_opens_with_the_new_key_alone(sealed: Store) -> None:
    texts = await opened_by(sealed, OLD)
    assert texts == TEXTS
    assert await run(sealed, OLD, NEW) == Resealed(3 * len(PLACES))
    assert (await opened_by(sealed, OLD), await opened_by(sealed, NEW)) == (0, texts)
    await check_mark(sealed, key_of(NEW))
    with pytest.raises(BadConfig, match="FAREBOX_SECRET_KEY"):
        await check_mark(sealed, key_of(OLD))


async def test_cut_off_it_goes_on_and_done_twice_it_changes_nothing(sealed: Store) -> None:
    texts = await opened_by(sealed, OLD)
    await run(sealed, OLD, NEW, cut_after=2)
    assert 0 < await opened_by(sealed, NEW) < texts
    await check_mark(sealed, key_of(OLD))
    assert await run(sealed, OLD, NEW) == Resealed(3 * len(PLACES) - 2)
    assert await opened_by(sealed, NEW) == texts
    mark = await sealed.get(MARK)
    assert await run(sealed, OLD, NEW) == Resealed()
    assert (await sealed.get(MARK)) == mark


async def test_an_api_key_goes_on_working_whatever_the_root_is(sqlite_store: Store) -> None:
    await check_mark(sqlite_store, key_of(OLD))
    customer = await open_customer(sqlite_store, "1")
    for old, new in ((OLD, NEW), (NEW, NEWER), (NEWER, OLD)):
        await run(sqlite_store, old, new)
        root = key_of(new)
        before = {purpose: root.derive(purpose) for purpose in HASHED}
        await check_mark(sqlite_store, root)
        assert {purpose: root.derive(purpose) for purpose in HASHED} == {
            purpose: key_of(OLD).derive(purpose) for purpose in HASHED
        }
        assert new == OLD or before != {purpose: root.derive(purpose) for purpose in HASHED}
        assert await _knows(sqlite_store, root, customer.key)


async def _knows(store: Store, root: SecretKey, api_key: str) -> bool:
    authenticator = KeyAuthenticator(store, root.derive("api-keys"), now=utc_now, clock=lambda: 0.0)
    return await authenticator.authenticate(api_key, lambda: "127.0.0.1") is not None


def test_every_purpose_that_a_key_is_derived_for_has_its_fate() -> None:
    told = {
        purpose for file in FUNCTIONS.rglob("*.py") for purpose in re.findall(r'derive\("([\w-]+)"\)', file.read_text())
    }
    assert told == {*PURPOSES, *HASHED, *ENDING}


async def test_a_store_of_a_third_key_is_left_alone(sealed: Store) -> None:
    with pytest.raises(BadConfig, match="neither"):
        await run(sealed, NEWER, NEW)
    assert await opened_by(sealed, OLD) == TEXTS
    with pytest.raises(BadConfig, match="the same"):
        await run(sealed, OLD, OLD)


async def test_cut_off_it_is_gone_on_with_by_the_same_key_alone(sealed: Store) -> None:
    await run(sealed, OLD, NEW, cut_after=2)
    for is_named in (lambda: run(sealed, OLD, NEWER), lambda: check_mark(sealed, key_of(NEW))):
        with pytest.raises(BadConfig, match="SECRET_KEY"):
            await is_named()
    assert (await opened_by(sealed, OLD), await opened_by(sealed, NEWER)) == (TEXTS - await opened_by(sealed, NEW), 0)
    await run(sealed, OLD, NEW)
    assert await opened_by(sealed, NEW) == TEXTS
    await run(sealed, NEW, NEWER)
    assert await opened_by(sealed, NEWER) == TEXTS


async def test_cut_off_it_may_be_taken_back(sealed: Store) -> None:
    await run(sealed, OLD, NEW, cut_after=2)
    await run(sealed, NEW, OLD)
    assert await opened_by(sealed, OLD) == TEXTS
    await run(sealed, OLD, NEWER)
    assert await opened_by(sealed, NEWER) == TEXTS


async def test_what_opens_with_neither_key_is_named_stays_and_comes_along_with_its_own(sealed: Store) -> None:
    await run(sealed, OLD, NEW, cut_after=1)
    lost = await opened_by(sealed, NEW)
    done = await run(sealed, OLD, NEWER, gives_up=True)
    first = PLACES[0]
    assert (done.documents, done.unopened) == (3 * len(PLACES) - 1, lost)
    assert done.named == tuple(f"{first.query.collection}/0: {field}" for field in first.fields)
    assert [found async for found in unopened(sealed, key_of(NEWER))] == [
        (f"{first.query.collection}/0", field) for field in first.fields
    ]
    assert await run(sealed, NEW, NEWER) == Resealed(1)
    assert await opened_by(sealed, NEWER) == TEXTS


async def test_what_a_server_with_the_old_key_seals_afterwards_comes_along_in_another_run(sealed: Store) -> None:
    await run(sealed, OLD, NEW)
    place = PLACES[-1]
    late = Seal(key_of(OLD).derive(place.purpose)).close(TEXT)
    await sealed.write(Create(f"{place.query.collection}/late", {place.fields[0]: late}))
    assert await run(sealed, OLD, NEW) == Resealed(1)
    assert await opened_by(sealed, NEW) == TEXTS + 1


async def test_what_the_store_says_of_its_people_stays(sealed: Store) -> None:
    await note_identity(sealed, "firebase:p")
    await run(sealed, OLD, NEW)
    assert (await check_mark(sealed, key_of(NEW)))["identity"] == "firebase:p"
