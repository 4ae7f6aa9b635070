"""Commits that share a request: each has its own outcome, whatever becomes of the request, and none waits for long."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from google.api_core import exceptions

from functions.farebox.storage import (
    AlreadyExists,
    Contended,
    Create,
    Increment,
    Missing,
    Queued,
    Set,
    Store,
    Unreachable,
    Update,
    Write,
    commit_queue,
)
from functions.farebox.storage.commit_queue import Versions
from functions.farebox.storage.firestore import group_commit
from functions.farebox.storage.firestore.engine import FirestoreEngine
from functions.farebox.storage.firestore.group_commit import GroupSender

Outcome = Exception | None


class Requests:
    """What a sender sends: the paths of each request. `outcome` says what becomes of one, `hold` has them wait."""

    def __init__(self) -> None:
        self.paths: list[list[str]] = []
        self.outcome: Callable[[Sequence[Write]], Outcome] = lambda _writes: None
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, writes: Sequence[Write]) -> Versions:
        self.paths.append([write.path for write in writes])
        await self.gate.wait()
        if (error := self.outcome(writes)) is not None:
            raise error
        return [f"version of {write.path}" for write in writes]


@pytest.fixture
async def requests() -> Requests:
    return Requests()


@pytest.fixture
async def sender(requests: Requests) -> AsyncIterator[GroupSender]:
    sender = GroupSender(requests.send)
    yield sender
    requests.gate.set()
    await sender.close()


async def _outcomes(*queued: Queued) -> list[Versions | BaseException]:
    async def wait(commit: Queued) -> Versions:
        return await commit

    return await asyncio.gather(*map(wait, queued), return_exceptions=True)


async def test_what_is_wanted_together_is_one_request_and_each_has_its_own_versions(
    requests: Requests, sender: GroupSender
) -> None:
    queued = [sender.add([Create(f"usage/{n}", {}), Set(f"kept/{n}", {})]) for n in range(3)]

    assert await _outcomes(*queued) == [[f"version of usage/{n}", f"version of kept/{n}"] for n in range(3)]
    assert requests.paths == [["usage/0", "kept/0", "usage/1", "kept/1", "usage/2", "kept/2"]]


async def test_while_a_request_is_under_way_others_wait_for_company_but_not_for_its_answer(
    requests: Requests, sender: GroupSender
) -> None:
    requests.gate.clear()
    first = asyncio.ensure_future(_outcomes(sender.add([Create("usage/first", {})])))
    while not requests.paths:
        await asyncio.sleep(0)
    others = asyncio.ensure_future(_outcomes(*(sender.add([Create(f"usage/{n}", {})]) for n in range(2))))
    began_s = time.monotonic()
    while len(requests.paths) < 2:
        await asyncio.sleep(0.0005)
    waited_s = time.monotonic() - began_s

    assert requests.paths == [["usage/first"], ["usage/0", "usage/1"]]
    assert not first.done()
    assert waited_s < 1  # it is two milliseconds on a machine with nothing else to do
    requests.gate.set()
    await asyncio.gather(first, others)


async def test_an_answer_lets_those_go_that_have_gathered(
    requests: Requests, sender: GroupSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "COMPANY_S", 60)
    requests.gate.clear()
    first = asyncio.ensure_future(_outcomes(sender.add([Create("usage/first", {})])))
    while not requests.paths:
        await asyncio.sleep(0)
    others = asyncio.ensure_future(_outcomes(*(sender.add([Create(f"usage/{n}", {})]) for n in range(2))))
    requests.gate.set()
    await asyncio.wait_for(asyncio.gather(first, others), 10)

    assert requests.paths == [["usage/first"], ["usage/0", "usage/1"]]


async def test_one_that_is_refused_takes_no_other_with_it(requests: Requests, sender: GroupSender) -> None:
    requests.outcome = lambda writes: AlreadyExists() if "usage/1" in [write.path for write in writes] else None

    outcomes = await _outcomes(*(sender.add([Create(f"usage/{n}", {})]) for n in range(3)))

    assert [type(outcome).__name__ for outcome in outcomes] == ["list", "AlreadyExists", "list"]
    assert requests.paths == [["usage/0", "usage/1", "usage/2"], ["usage/0"], ["usage/1"], ["usage/2"]]


async def test_what_nobody_knows_of_a_group_nobody_knows_of_any_of_it_and_it_is_not_sent_again(
    requests: Requests, sender: GroupSender
) -> None:
    requests.outcome = lambda _writes: Unreachable()

    outcomes = await _outcomes(*(sender.add([Create(f"usage/{n}", {})]) for n in range(3)))

    assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
    assert len(requests.paths) == 1


async def test_one_that_cannot_be_kept_is_never_sent(requests: Requests, sender: GroupSender) -> None:
    outcomes = await _outcomes(
        sender.add([Create("usage/a", {})]), sender.add([Create("usage/b", {"at": object()})]), sender.add([])
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["list", "TypeError", "list"]
    assert requests.paths == [["usage/a"]]


async def test_two_writes_of_one_document_are_two_requests(requests: Requests, sender: GroupSender) -> None:
    await _outcomes(
        sender.add([Set("usage/a", {"n": 1})]), sender.add([Set("usage/a", {"n": 2})]), sender.add([Set("usage/b", {})])
    )

    assert requests.paths == [["usage/a", "usage/b"], ["usage/a"]]


async def test_no_request_holds_more_writes_than_a_commit_may(requests: Requests, sender: GroupSender) -> None:
    def many(prefix: str) -> list[Write]:
        return [Set(f"{prefix}/{n}", {}) for n in range(150)]

    await _outcomes(*(sender.add(many(f"things{n}")) for n in range(4)))

    assert [len(paths) for paths in requests.paths] == [300, 300]


async def test_what_is_large_goes_alone_and_the_small_do_not_wait_for_it(
    requests: Requests, sender: GroupSender
) -> None:
    def large(name: str) -> list[Write]:
        return [Update(f"usage/{name}", {"n": 1}), *(Set(f"kept/{name}{n}", {"text": "x" * 900_000}) for n in range(2))]

    small = [sender.add([Create(f"usage/{n}", {"text": "x" * 400_000})]) for n in range(3)]
    outcomes = await _outcomes(sender.add(large("a")), small[0], sender.add(large("b")), *small[1:])

    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert sorted(requests.paths) == sorted(
        [["usage/0", "usage/1"], ["usage/2"], *([write.path for write in large(name)] for name in "ab")]
    )


async def test_it_is_amended_until_it_leaves_and_never_after(requests: Requests, sender: GroupSender) -> None:
    queued = sender.add([Create("usage/a", {})])
    assert queued.amend([Create("usage/a", {"n": 1}), Set("kept/a", {})])
    assert await queued == ["version of usage/a", "version of kept/a"]
    assert not queued.amend([Create("usage/a", {"n": 2})])


async def test_what_nobody_waits_for_leaves_soon(requests: Requests, sender: GroupSender) -> None:
    sender.add([Create("usage/a", {})])
    async with asyncio.timeout(10):
        while not requests.paths:
            await asyncio.sleep(0.001)


async def test_who_gives_up_takes_no_other_with_him(requests: Requests, sender: GroupSender) -> None:
    requests.gate.clear()
    doomed, kept = (asyncio.ensure_future(_outcomes(sender.add([Create(f"usage/{n}", {})]))) for n in range(2))
    while not requests.paths:
        await asyncio.sleep(0)
    doomed.cancel()
    requests.gate.set()

    assert await kept == [["version of usage/1"]]
    assert len(requests.paths) == 1


async def test_closing_finishes_what_waits(requests: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_queue, "PATIENCE_S", 60)
    sender = GroupSender(requests.send)
    queued = [sender.add([Create(f"usage/{n}", {})]) for n in range(3)]
    await sender.close()

    assert await _outcomes(*queued) == [[f"version of usage/{n}"] for n in range(3)]


@pytest.mark.parametrize("writes", [[], [Create("usage/a", {"at": object()})]], ids=["nothing", "what cannot be kept"])
async def test_closing_ends_where_nothing_of_what_waits_is_sent(requests: Requests, writes: Sequence[Write]) -> None:
    sender = GroupSender(requests.send)
    queued = sender.add(writes)
    await sender.close()

    [outcome] = await _outcomes(queued)
    assert isinstance(outcome, TypeError if writes else list)
    assert requests.paths == []


async def test_on_firestore_a_commit_that_is_too_large_harms_no_other(
    firestore_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_BYTES", 100_000_000)
    store = Store(FirestoreEngine(firestore_url.removeprefix("firestore://")))
    parts = [Set(f"kept/{n}", {"text": "x" * 900_000}) for n in range(5)]

    large, small = await _outcomes(store.begin(*parts), store.begin(Create("usage/a", {"n": 1})))

    assert isinstance(large, exceptions.ResourceExhausted), "which is not to be tried again"
    assert isinstance(small, list)
    assert [await store.get("kept/0"), (await store.get("usage/a")) is None] == [None, False]
    await store.close()


async def test_on_firestore_what_is_refused_while_the_engine_closes_is_told_why(firestore_url: str) -> None:
    store = Store(FirestoreEngine(firestore_url.removeprefix("firestore://")))
    await store.write(Create("usage/there", {"n": 0}))
    queued = [store.begin(Create("usage/there", {"n": 1})), store.begin(Update("usage/b", {"n": 1}))]
    await store.close()

    assert [type(each) for each in await _outcomes(*queued)] == [AlreadyExists, Missing]


async def test_on_firestore_one_of_a_group_that_is_refused_is_refused_alone(firestore_url: str) -> None:
    engine = FirestoreEngine(firestore_url.removeprefix("firestore://"))
    store = Store(engine)
    await store.write(Create("usage/there", {"n": 0}))
    seen = await store.get("usage/there")
    assert seen is not None
    await store.write(Update("usage/there", {"n": 1}))

    outcomes = await _outcomes(
        store.begin(Create("usage/a", {"n": 1})),
        store.begin(Create("usage/there", {"n": 2})),
        store.begin(Update("usage/b", {"n": 1})),
        store.begin(Increment("usage/c", {"n": 1})),
        store.begin(Set("usage/there", {"n": 3}, seen.version)),
    )
    found = await store.get_many("usage/a", "usage/there", "usage/b", "usage/c")

    assert [type(outcome).__name__ for outcome in outcomes] == ["list", "AlreadyExists", "Missing", "list", "Contended"]
    assert [each and each.data for each in found] == [{"n": 1}, {"n": 1}, None, {"n": 1}]
    assert isinstance(outcomes[4], Contended)
    await store.close()
