"""Secrets that upstreams name."""

import asyncio
import threading

import pytest

from functions.farebox.storage import Store
from functions.farebox.upstreams.named_secrets import NamedSecrets
from functions.farebox.upstreams.registry import UpstreamList, upstream_path
from tests.support.patience import PATIENCE_S
from tests.support.product.runtime import Clock

A, B = "projects/p/secrets/a", "projects/p/secrets/b"


class Manager:
    """Secret Manager: what it holds, and how often it was asked."""

    def __init__(self, **held: str) -> None:
        self.held = {f"projects/p/secrets/{name}": value for name, value in held.items()}
        self.asked: list[str] = []

    def fetch(self, name: str) -> str:
        self.asked.append(name)
        if name not in self.held:
            raise LookupError(f"Secret Manager did not give {name}: NotFound")
        return self.held[name]


class Seconds:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_each_is_read_once_and_looked_at_again_in_the_background() -> None:
    manager, clock = Manager(a=" one\n"), Seconds()
    secrets = NamedSecrets(clock, manager.fetch)
    assert await secrets.values([A]) == {A: "one"}
    manager.held[A] = "two"
    assert await secrets.values([A]) == {A: "one"}
    assert manager.asked == [A]
    clock.now_s = 121
    assert await secrets.values([A]) == {A: "one"}  # and is looked at behind it
    async with asyncio.timeout(PATIENCE_S):
        while await secrets.values([A]) != {A: "two"}:
            await asyncio.sleep(0.01)


async def test_nobody_waits_long_for_a_manager_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    answer = threading.Event()

    def fetch(name: str) -> str:
        answer.wait(60)
        return "late"

    secrets = NamedSecrets(Seconds(), fetch, most_s=0.05)
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert await secrets.values([A]) == {}
            assert await secrets.values([A]) == {}  # and it is left alone for a while
    finally:
        answer.set()
    assert caplog.messages == [f"a secret of an upstream could not be read: {A} took too long"]


async def test_a_failure_keeps_the_last_good_value() -> None:
    manager, clock = Manager(a="one"), Seconds()
    secrets = NamedSecrets(clock, manager.fetch)
    await secrets.values([A])
    manager.held.clear()
    clock.now_s = 121
    for _ in range(3):
        assert await secrets.values([A]) == {A: "one"}
        await asyncio.sleep(0.05)
    assert len(manager.asked) == 2


async def test_one_that_cannot_be_read_keeps_no_other_and_is_tried_again_after_a_while() -> None:
    manager, clock = Manager(b="two"), Seconds()
    secrets = NamedSecrets(clock, manager.fetch)
    assert await secrets.values([A, B]) == {B: "two"}
    manager.held[A] = "one"
    assert await secrets.values([A, B]) == {B: "two"}
    clock.now_s = 11
    assert await secrets.values([A, B]) == {A: "one", B: "two"}


async def test_a_version_that_is_named_stays_as_it_is() -> None:
    manager, clock = Manager(), Seconds()
    pinned = f"{A}/versions/7"
    manager.held[pinned] = "one"
    secrets = NamedSecrets(clock, manager.fetch)
    await secrets.values([pinned])
    clock.now_s = 1000
    assert await secrets.values([pinned]) == {pinned: "one"}
    assert manager.asked == [pinned]


async def test_the_list_has_the_values_sealed_or_named_and_says_once_who_lacks_one(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    manager, clock = Manager(a="from-manager"), Seconds()
    upstreams = UpstreamList(
        sqlite_store, bytes(32), now=Clock(), clock=clock, secrets=NamedSecrets(clock, manager.fetch)
    )
    entries = [
        {
            "id": "good",
            "base_url": "https://a.example.com",
            "models": {"m": "m"},
            "api_key": {"secret": A},
            "headers": {"x-title": "hush-header"},
            "query": {"key": "hush-query"},
        },
        {"id": "poor", "base_url": "https://b.example.com", "models": {"m": "m"}, "api_key": {"secret": B}},
    ]
    await upstreams.seed(entries, force=False)
    stored = await sqlite_store.get(upstream_path("good"))
    assert stored is not None
    assert "hush" not in repr(stored.data)
    found = {upstream.id: upstream for upstream in await upstreams.read()}
    assert (found["good"].api_key, found["good"].head["x-title"], found["good"].query) == (
        "from-manager",
        "hush-header",
        "?key=hush-query",
    )
    assert (found["good"].lacks, found["poor"].lacks) == ((), (B,))
    await upstreams.read()
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == [
        f"upstream poor is not called: {B} could not be read, or is no such value"
    ]
    manager.held[B] = "late"
    clock.now_s = 11
    assert all(not upstream.lacks for upstream in await upstreams.read())
