"""A request is held for, sent, charged and kept, whatever becomes of it, and without a word of HTTP."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import orjson
import pytest

from functions.farebox.data_plane.disconnect import HungUp
from functions.farebox.data_plane.idempotency import Claim, Idempotency, Kept, Key
from functions.farebox.data_plane.inference import Inference
from functions.farebox.data_plane.reply import PaidAnswer, Settled, StreamEnd
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.stream import PaidStream
from functions.farebox.errors import Forbidden, NotFound, ServerBusy, UpstreamFailed, UpstreamUnavailable
from functions.farebox.gateway.answers import Answer, PlainAnswer, RejectedAnswer, Source, StreamAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.trail import Attempt
from functions.farebox.gateway.upstream import Routes, Upstream
from functions.farebox.keys.authentication import Caller
from functions.farebox.kit.fair_share import FairShare
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.party import Party
from functions.farebox.leases.pool import LeasePool
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.price_list import PriceList
from functions.farebox.pricing.prices import Prices
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.storage import Data, Filter, Query, Store
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.journal import Journal
from tests.support.calls import checked
from tests.support.fixtures.lease_pools import Opened, Wallet

PRICE = Price.from_config("m", {"input_usd_per_1m": "10", "output_usd_per_1m": "10"})
DRAIN_S = 0.3
USAGE = Usage(prompt_tokens=10, completion_tokens=2)
COST = 120_000  # nano-USD, of that
BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 50}
REPORT = data_event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}})


def said(text: str, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    return data_event({"id": "c1", "choices": [choice]})


class Written:
    """A rendering that is no HTTP at all, and remembers the ends it was shown."""

    def __init__(self) -> None:
        self.ends: list[StreamEnd] = []

    def head(
        self, source: Source, receipt_id: str, settled: Settled | None = None, dropped: Sequence[str] = ()
    ) -> Mapping[str, str]:
        return {"from": source.upstream, "charged": "?" if settled is None else str(settled.charged)}

    def body(self, answer: PlainAnswer, settled: Settled, *, wants_cost: bool) -> bytes:
        return answer.body

    def tail(self, end: StreamEnd) -> bytes:
        self.ends.append(end)
        return b"<the end>" if end.error is None else b"<broken off>"


class Chunks:
    """An answer that comes in as it is told to; without its end it goes on until it is closed."""

    status = 200
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *chunks: bytes, ends: bool = True) -> None:
        self._chunks = deque(chunks)
        self._ends = ends
        self.closed = False

    @property
    def is_whole(self) -> bool:
        return False

    def allow(self, seconds: float) -> None:
        assert seconds == math.inf

    async def read(self) -> bytes:
        if self._chunks:
            return self._chunks.popleft()
        if not self._ends:
            await asyncio.Event().wait()
        return b""

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        while self._chunks and take(self._chunks.popleft()):
            await asyncio.sleep(0)

    async def aclose(self, *, drained: bool = False) -> None:
        self.closed = True


@dataclass
class Upstreams:
    """A gateway that answers what it is told to."""

    answer: Callable[[], Answer]
    calls: list[Call] = field(default_factory=list)
    routes: Routes = field(default_factory=lambda: Routes([Upstream("up", "https://up", {"m": "m"})]))

    async def open(self, call: Call) -> Answer:
        self.calls.append(call)
        return self.answer()

    def told_context(self, _model: str) -> int | None:
        return None


class Told:
    """Prices that nobody has to load."""

    async def tariff(self, _names: frozenset[str]) -> Tariff:
        return Tariff.of([PRICE])

    async def current(self) -> Prices:
        return Prices({"m": PRICE})


@dataclass
class Plane:
    store: Store
    inference: Inference
    upstreams: Upstreams
    rendering: Written = field(default_factory=Written)

    def request(self, *, models: frozenset[str] | None = None, key: str | None = None, **fields: Any) -> Request:
        body = {**BODY, **fields}
        caller = Caller("ada", KeyTerms("key-1"), models)
        once = None if key is None else Key.of(key, "/chat/completions", orjson.dumps(body))
        return Request(caller, checked(body), "r1", self.rendering, once)

    async def record(self) -> Data:
        found = await self.store.query(Query("usage", (Filter("user", "==", "ada"),)))
        assert len(found) == 1
        return found[0].data

    async def days(self) -> list[Data]:
        """The aggregates of all days, once everything is settled."""
        return [found.data for found in await self.store.query(Query("usage_days", (Filter("user", "==", "ada"),)))]


def source() -> Source:
    return Source("up", "m", (Attempt("up", "m", "answered", 200, 0, 5),), 0.5, "m")


def plain() -> PlainAnswer:
    return PlainAnswer(source(), b'{"the": "answer"}', {"the": "answer"}, USAGE)


def streaming(incoming: Chunks, first: bytes = b"") -> Callable[[], StreamAnswer]:
    def begin() -> StreamAnswer:
        inspector = StreamInspector()
        return StreamAnswer(source(), incoming, inspector, inspector.feed(first or said("Hel")))

    return begin


@pytest.fixture
async def plane(store: Store, instance: Opened, wallet: Wallet) -> AsyncIterator[Plane]:
    await wallet("ada")
    leases: LeasePool = instance()
    upstreams = Upstreams(plain)
    inference = Inference(
        store=store,
        leases=leases,
        journal=Journal(store),
        prices=cast("PriceList", Told()),
        gateway=cast("Gateway", upstreams),
        idempotency=Idempotency(store, lambda: datetime.now(UTC)),
        now=lambda: datetime.now(UTC),
        clock=asyncio.get_running_loop().time,
        new_id=Ids().next,
        drain_s=DRAIN_S,
    )
    yield Plane(store, inference, upstreams)
    await inference.cancel_all()


async def paid(plane: Plane, request: Request) -> PaidAnswer:
    reply = await plane.inference.serve(request)
    assert isinstance(reply, PaidAnswer)
    return reply


async def stream_of(plane: Plane, incoming: Chunks, **fields: Any) -> tuple[Request, PaidStream]:
    plane.upstreams.answer = streaming(incoming)
    request = plane.request(stream=True, **fields)
    reply = await plane.inference.serve(request)
    assert isinstance(reply, PaidStream)
    return request, reply


async def test_an_answer_comes_as_the_gateway_gave_it_with_what_it_was_charged(plane: Plane) -> None:
    plane.upstreams.answer = lambda: answer
    answer = plain()
    reply = await paid(plane, plane.request())
    assert reply.answer is answer
    assert reply.settled == Settled(COST, 5 * NANOS_PER_USD - COST, USAGE)
    [call] = plane.upstreams.calls
    assert (call.model, call.cap, call.user, call.request_id) == ("m", 50, "ada", "r1")
    assert ((await plane.record())["status"], (await plane.record())["charged"]) == ("ok", COST)


async def test_a_refusal_of_the_upstreams_costs_nothing_and_frees_the_key(plane: Plane) -> None:
    plane.upstreams.answer = lambda: RejectedAnswer(source(), b'{"error": {}}', 400)
    reply = await paid(plane, plane.request(key="once"))
    assert isinstance(reply.answer, RejectedAnswer)
    assert reply.settled.charged == 0
    assert (await plane.record())["error"] == "the upstream refused the request"
    plane.upstreams.answer = plain
    assert (await paid(plane, plane.request(key="once"))).settled.charged == COST


async def test_an_answer_is_kept_as_it_was_written_for_who_comes_back(plane: Plane) -> None:
    await paid(plane, plane.request(key="once"))
    again = await plane.inference.serve(plane.request(key="once"))
    assert again == Kept({"from": "up", "charged": str(COST)}, b'{"the": "answer"}', stream=False)
    assert len(plane.upstreams.calls) == 1


async def test_a_stream_is_charged_before_its_end_is_sent_and_kept_with_it(plane: Plane) -> None:
    incoming = Chunks(said("lo", "stop"), REPORT + DONE_EVENT)
    _, stream = await stream_of(plane, incoming, key="once")
    blocks = stream.blocks()
    assert [await anext(blocks), await anext(blocks)] == [said("Hel"), said("lo", "stop")]
    assert (await plane.record())["status"] == "pending"
    assert await anext(blocks) == b"<the end>"
    assert ((await plane.record())["status"], (await plane.record())["charged"]) == ("ok", COST)
    assert [block async for block in blocks] == []
    assert incoming.closed
    [kept, sent] = plane.rendering.ends
    assert kept == sent
    assert (sent.settled.charged, sent.error, sent.wants_usage) == (COST, None, False)
    assert sent.relayed.usage == USAGE
    again = await plane.inference.serve(plane.request(stream=True, key="once"))
    body = said("Hel") + said("lo", "stop") + b"<the end>"
    assert again == Kept({"from": "up", "charged": "?"}, body, stream=True)


async def test_a_stream_that_is_whole_at_once_is_charged_before_anything_of_it_is_sent(plane: Plane) -> None:
    def whole() -> StreamAnswer:
        inspector = StreamInspector()
        return StreamAnswer(source(), Chunks(), inspector, inspector.feed(said("Hello", "stop") + REPORT + DONE_EVENT))

    plane.upstreams.answer = whole
    reply = await plane.inference.serve(plane.request(stream=True))
    assert isinstance(reply, PaidStream)
    assert (await plane.record())["charged"] == COST
    assert [block async for block in reply.blocks()] == [said("Hello", "stop") + b"<the end>"]


@pytest.mark.parametrize(
    ("key", "advice"),
    [(None, "Try again."), ("once", "use a new Idempotency-Key: this one keeps the answer as it is.")],
)
async def test_a_stream_that_its_upstream_breaks_says_so_at_its_end(plane: Plane, key: str | None, advice: str) -> None:
    _, stream = await stream_of(plane, Chunks(said("lo")), stream_options={"include_usage": True}, key=key)
    assert [block async for block in stream.blocks()] == [said("Hel"), said("lo"), b"<broken off>"]
    assert len(plane.rendering.ends) == (1 if key is None else 2), "it is kept as it was sent"
    end = plane.rendering.ends[0]
    assert isinstance(end.error, UpstreamFailed) and not isinstance(end.error, UpstreamUnavailable)
    assert end.error.message.endswith(advice)
    assert end.wants_usage
    record = await plane.record()
    assert (record["status"], record["error"]) == ("error", "the stream ended before its answer did")
    assert record["charged"] > 0


@pytest.mark.parametrize("key", [None, "once"], ids=["without a key", "with a key"])
@pytest.mark.parametrize("by_server", [False, True], ids=["the client goes", "the server shuts down"])
async def test_a_stream_that_is_cut_closes_the_upstream_and_is_charged_for_what_was_relayed(
    plane: Plane, by_server: bool, key: str | None
) -> None:
    incoming = Chunks(ends=False)
    request, stream = await stream_of(plane, incoming, key=key)
    blocks = stream.blocks()
    assert await anext(blocks) == said("Hel")
    if by_server:
        await plane.inference.cancel_all()
    else:
        request.hang_up.set()
    assert await anext(blocks) == b"<broken off>"
    assert incoming.closed
    end = plane.rendering.ends[0]
    assert isinstance(end.error, UpstreamUnavailable)
    assert end.error.message.endswith("Try again.") is (key is None)
    record = await plane.record()
    assert (record["status"], record["usage_source"], record["tokens"]["completion"]) == ("aborted", "estimated", 1)
    assert record["charged"] > 0


async def test_a_client_that_goes_before_there_is_an_answer_pays_nothing(plane: Plane) -> None:
    request = plane.request(key="once")
    request.hang_up.set()
    with pytest.raises(HungUp):
        await plane.inference.serve(request)
    record = await plane.record()
    assert (record["status"], record["charged"], record["error"]) == ("aborted", 0, "the client hung up")


async def test_what_no_upstream_answers_costs_nothing_names_the_attempts_and_frees_the_key(plane: Plane) -> None:
    def fail() -> Answer:
        error = UpstreamFailed("The model's server failed to answer. Try again.")
        error.attempts = (Attempt("up", "m", "failed", 500, 0, 5),)
        raise error

    plane.upstreams.answer = fail
    with pytest.raises(UpstreamFailed):
        await plane.inference.serve(plane.request(key="once"))
    record = await plane.record()
    assert (record["status"], record["charged"], record["error"]) == ("error", 0, "upstream_error")
    assert [attempt["status"] for attempt in record["attempts"]] == [500]
    plane.upstreams.answer = plain
    await paid(plane, plane.request(key="once"))


@pytest.mark.parametrize(
    ("model", "models", "refusal"), [("m", frozenset({"other"}), Forbidden), ("nobody's", None, NotFound)]
)
async def test_a_model_that_is_not_there_or_not_allowed_is_refused_before_anything_is_held(
    plane: Plane, model: str, models: frozenset[str] | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await plane.inference.serve(plane.request(model=model, models=models))
    assert plane.upstreams.calls == []
    assert await plane.store.query(Query("usage", (Filter("user", "==", "ada"),))) == []


async def test_a_request_has_its_place_while_it_waits_for_its_key_and_none_afterwards(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, goes_on, claim = FairShare(4), asyncio.Event(), plane.inference._idempotency.claim

    async def claim_later(party: Party, key: Key, record_id: str) -> Claim | Kept:
        await goes_on.wait()
        return await claim(party, key, record_id)

    monkeypatch.setattr(plane.inference, "_places", share)
    monkeypatch.setattr(plane.inference._idempotency, "claim", claim_later)
    waiting = [asyncio.create_task(plane.inference.serve(plane.request(key=key))) for key in "abc"]
    await asyncio.sleep(0)
    with pytest.raises(ServerBusy):
        await asyncio.wait_for(plane.inference.serve(plane.request(key="d")), 1)
    goes_on.set()
    await asyncio.gather(*waiting)
    assert isinstance(await plane.inference.serve(plane.request(key="a")), Kept)
    with pytest.raises(NotFound):
        await plane.inference.serve(plane.request(model="none"))
    assert [share.take("bob") for _ in range(4)] == [True, True, True, False]
