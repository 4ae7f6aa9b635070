"""What of an upstream is sealed and does not open keeps nobody but that upstream from being called."""

import pytest

from functions.farebox.gateway.credentials.tokens import NoCredential
from functions.farebox.storage import Create, Set, Store
from functions.farebox.upstreams.registry import UpstreamList, upstream_path
from tests.support.product.runtime import Clock

FORMER, PRESENT = b"f" * 32, b"p" * 32
ADDRESS = "https://api.example.com/v1"


def entry_of(id: str) -> dict[str, object]:
    return {"id": id, "base_url": ADDRESS, "models": {"m": "m"}, "api_key": f"sk-{id}", "headers": {"x-a": "hush"}}


def list_of(store: Store, key: bytes) -> UpstreamList:
    return UpstreamList(store, key, now=Clock(), clock=lambda: 0.0)


async def test_one_that_does_not_open_is_not_called_and_is_told_by_name_once(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    former, present = list_of(sqlite_store, FORMER), list_of(sqlite_store, PRESENT)
    for upstreams, id in ((former, "lost"), (former, "lost-too"), (present, "sound")):
        await sqlite_store.write(Create(upstream_path(id), upstreams.encode(entry_of(id))))
    for _ in range(2):
        found = {upstream.id: upstream for upstream in await present.read()}
    assert found["sound"].api_key == "sk-sound"
    assert found["lost"].unopened == ("api_key", "headers", "query")
    assert present.uncalled == 2
    with pytest.raises(NoCredential, match=r"api_key.*FAREBOX_SECRET_KEY"):
        await found["lost"].credential()
    [told] = caplog.messages
    assert "lost, lost-too (not called)" in told
    for id in ("lost", "lost-too"):
        await sqlite_store.write(Set(upstream_path(id), present.encode(entry_of(id))))
    assert all(not upstream.unopened for upstream in await present.read())
    assert present.uncalled == 0


async def test_an_instance_that_has_read_it_goes_on_with_what_it_was(sqlite_store: Store) -> None:
    running, new = list_of(sqlite_store, FORMER), list_of(sqlite_store, PRESENT)
    await sqlite_store.write(Create(upstream_path("a"), running.encode(entry_of("a"))))
    await running.read()
    moved = {**entry_of("a"), "base_url": "https://elsewhere.example.com/v1", "api_key": "sk-new"}
    await sqlite_store.write(Set(upstream_path("a"), new.encode(moved)))
    for _ in range(2):
        [kept] = await running.read()
        assert (kept.base_url, kept.api_key, kept.unopened) == (ADDRESS, "sk-a", ()), "its key goes nowhere else"
    await sqlite_store.write(Set(upstream_path("a"), {**new.encode(moved), "enabled": False}))
    assert await running.read() == []


async def test_a_change_leaves_what_does_not_open_as_it_is_stored(sqlite_store: Store) -> None:
    former, present = list_of(sqlite_store, FORMER), list_of(sqlite_store, PRESENT)
    keyed = {**entry_of("a"), "auth": {"header": "x-key"}}
    stored = former.encode(keyed)
    renamed = present.change(stored, {"models": {"n": "n"}})
    assert former.decode(renamed).entry == {**keyed, "models": {"n": "n"}}
    anew = present.change(stored, {"api_key": "sk-new"})
    assert present.decode(anew).entry["api_key"] == "sk-new"
    assert (present.decode(anew).unopened, former.decode(anew).entry["headers"]) == (
        ("headers", "query"),
        {"x-a": "hush"},
    )
    whole = present.change(anew, {"headers": {"x-a": "b"}, "query": None})
    assert present.decode(whole).unopened == ()
    for change in ({"headers": {"x-a": "b"}}, {"query": None}, {"headers": {"x-a": None}, "query": None}):
        with pytest.raises(ValueError, match=r"^(headers|query): .*not open"):
            present.change(stored, change)
