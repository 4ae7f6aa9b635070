"""A database that is away while requests end: nothing is lost that was done for them, and nothing stays held."""

import asyncio
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from functions.farebox.data_plane import idempotency
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.stream import PaidStream
from functions.farebox.errors import StoreUnavailable
from functions.farebox.gateway.answers import Answer, RejectedAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.storage import Data, Query, Queued, Store, Unreachable, Update, Write, later
from functions.farebox.storage.commit_queue import PATIENCE_S as PATIENCE_OF_COMMITS_S
from functions.farebox.usage import journal
from functions.farebox.usage.record import UsageRecord
from tests.data_plane.test_inference import COST, Chunks, Plane, plain, plane, said, source, stream_of, streaming
from tests.support.patience import PATIENCE_S

__all__ = ["plane"]


@dataclass
class Outage:
    """While it lasts, no commit of the journal arrives; or, where they are only `unheard`, each does, and nobody is
    told."""

    lasts: bool = False
    unheard: bool = False


class Lost:
    """A commit of which nothing is heard. It is on its way soon, whether or not it is waited for."""

    def __init__(self, commit: Queued | None) -> None:
        self._commit = commit
        self._is_begun = False
        asyncio.get_running_loop().call_later(PATIENCE_OF_COMMITS_S, self._begin)

    def amend(self, writes: list[Write]) -> bool:
        return not self._is_begun if self._commit is None else self._commit.amend(writes)

    def _begin(self) -> None:
        self._is_begun = True

    def __await__(self) -> Generator[Any, None, list[str | None]]:
        self._begin()
        if self._commit is not None:
            yield from self._commit.__await__()
        raise Unreachable("it does not answer")


@pytest.fixture
async def outage(store: Store, plane: Plane, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outage]:
    state, begin = Outage(), store.begin

    def begin_or_lose(*writes: Write) -> Any:
        if not state.lasts:
            return begin(*writes)
        return Lost(begin(*writes) if state.unheard else None)

    monkeypatch.setattr(store, "begin", begin_or_lose)
    monkeypatch.setattr(journal, "ATTEMPTS", 1)
    monkeypatch.setattr(later, "FIRST_PAUSE_S", 0.01)
    yield state
    await plane.inference.give_up()


async def until_settled(plane: Plane) -> None:
    """Wait until nothing is held any more."""
    async with asyncio.timeout(PATIENCE_S):
        while any(lease.in_flight for _, _, lease in plane.inference._leases._all()):
            await asyncio.sleep(0.01)


async def charges(plane: Plane) -> list[tuple[int, int]]:
    """What each request was charged, and what of its cost nobody paid, once all of them are closed."""
    await until_settled(plane)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            records = [found.data for found in await plane.store.query(Query("usage"))]
            if all(record["status"] == "ok" for record in records):
                return sorted((record["charged"], record["shortfall"]) for record in records)
            await asyncio.sleep(0.01)


async def settled(plane: Plane) -> Data:
    """The record of the one request, once it is."""
    await until_settled(plane)
    return await plane.record()


@pytest.mark.parametrize(
    ("rest", "key", "advice"),
    [
        (said("lo", "stop"), None, "The answer is whole: to ask for it again costs as much again."),
        (said("lo", "stop"), "once", "The answer is whole, and its Idempotency-Key gives it again."),
        (said("lo"), None, "Try again."),
        (said("lo"), "once", "To ask again, use a new Idempotency-Key: this one keeps the answer as it is."),
    ],
)
async def test_a_stream_that_ends_while_the_database_is_away_says_so_and_is_charged_afterwards(
    plane: Plane, outage: Outage, rest: bytes, key: str | None, advice: str
) -> None:
    _, stream = await stream_of(plane, Chunks(rest), key=key)
    outage.lasts = True
    assert [block async for block in stream.blocks()] == [said("Hel"), rest, b"<broken off>"]
    end = plane.rendering.ends[-1]
    assert isinstance(end.error, StoreUnavailable)
    assert str(end.error).endswith(f"as soon as it can be. {advice}")
    assert (await plane.record())["status"] == "pending"
    outage.lasts = False
    record = await settled(plane)
    assert record["status"] == ("ok" if b"stop" in rest else "error")
    assert record["charged"] == record["cost"] > 0


@pytest.mark.parametrize("unheard", [False, True])
async def test_an_answer_that_is_not_given_for_want_of_the_database_is_charged_to_nobody_unless_that_was_written(
    plane: Plane, outage: Outage, unheard: bool
) -> None:
    outage.lasts, outage.unheard = True, unheard
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request())
    outage.lasts = False
    record = await settled(plane)
    assert (record["status"], record["cost"]) == ("ok", COST)
    assert (record["charged"], record["shortfall"]) == ((COST, 0) if unheard else (0, COST))


async def test_an_answer_that_is_not_given_for_want_of_the_database_is_kept_for_its_key(
    plane: Plane, outage: Outage
) -> None:
    outage.lasts = True
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request(key="once"))
    outage.lasts = False
    assert (await settled(plane))["charged"] == COST
    await plane.inference.serve(plane.request(key="once"))
    assert len(plane.upstreams.calls) == 1


async def test_a_stream_that_could_not_be_begun_for_want_of_the_database_is_the_operators_loss(
    plane: Plane, outage: Outage
) -> None:
    outage.lasts = True
    plane.upstreams.answer = streaming(Chunks(said("lo", "stop"), ends=False))
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request(stream=True))
    outage.lasts = False
    record = await settled(plane)
    assert (record["status"], record["charged"]) == ("error", 0)
    assert record["shortfall"] + record["lost"] == record["held"] > 0
    plane.upstreams.answer = plain
    assert isinstance(await plane.inference.serve(plane.request()), PaidAnswer)


async def test_a_key_whose_request_came_to_nothing_while_the_database_was_away_is_free_afterwards(
    plane: Plane, outage: Outage
) -> None:
    outage.lasts = True
    plane.upstreams.answer = streaming(Chunks(said("lo", "stop"), ends=False))
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request(stream=True, key="once"))
    outage.lasts = False
    assert (await settled(plane))["status"] == "error"
    plane.upstreams.answer = streaming(Chunks(said("lo", "stop")))
    assert isinstance(await plane.inference.serve(plane.request(stream=True, key="once")), PaidStream)


@pytest.mark.parametrize("is_away", [False, True])
async def test_a_key_whose_request_was_refused_before_anything_was_held_is_free_at_once_or_once_the_database_is_back(
    plane: Plane, outage: Outage, monkeypatch: pytest.MonkeyPatch, is_away: bool
) -> None:
    write = plane.store.write

    async def write_nothing(*writes: Write) -> Any:
        raise Unreachable("it does not answer")

    with monkeypatch.context() as away:
        away.setattr(plane.inference._leases, "_closing", True)
        if is_away:
            away.setattr(plane.store, "write", write_nothing)
        with pytest.raises(StoreUnavailable):
            await plane.inference.serve(plane.request(key="once"))
        away.setattr(plane.store, "write", write)
        async with asyncio.timeout(PATIENCE_S):
            while is_away and await plane.store.query(Query("idempotency")):
                await asyncio.sleep(0.01)
    assert isinstance(await plane.inference.serve(plane.request(key="once")), PaidAnswer)


async def test_a_refusal_of_the_upstreams_is_told_though_its_key_can_only_be_freed_once_the_database_is_back(
    plane: Plane, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write_nothing(*writes: Write) -> Any:
        raise Unreachable("it does not answer")

    plane.upstreams.answer = lambda: RejectedAnswer(source(), b'{"error": {}}', 400)
    with monkeypatch.context() as away:
        away.setattr(plane.store, "write", write_nothing)
        reply = await plane.inference.serve(plane.request(key="once"))
    assert isinstance(reply, PaidAnswer)
    assert reply.answer.status == 400


async def test_a_key_that_was_taken_over_while_the_database_was_away_is_charged_once(
    plane: Plane, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "FIRST_PAUSE_S", 0.5)
    monkeypatch.setattr(idempotency, "ABANDONED_AFTER", timedelta(0))
    outage.lasts = True
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request(key="once"))
    outage.lasts = False
    await plane.inference.serve(plane.request(key="once"))
    assert await charges(plane) == [(0, COST), (COST, 0)]


async def test_a_key_whose_request_a_sweep_took_for_lost_is_charged_once(
    plane: Plane, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "FIRST_PAUSE_S", 0.5)
    open_at_once = plane.upstreams.open

    async def open_when_written(call: Call) -> Answer:
        while not await plane.store.query(Query("usage")):
            await asyncio.sleep(0.01)
        outage.lasts = True
        return await open_at_once(call)

    monkeypatch.setattr(plane.upstreams, "open", open_when_written)
    with pytest.raises(StoreUnavailable):
        await plane.inference.serve(plane.request(key="once"))
    [found] = await plane.store.query(Query("usage"))
    await plane.store.write(Update(found.path, UsageRecord.from_data(found.data).decide()))
    outage.lasts = False
    monkeypatch.setattr(plane.upstreams, "open", open_at_once)
    await plane.inference.serve(plane.request(key="once"))
    assert await charges(plane) == [(0, COST), (COST, 0)]
