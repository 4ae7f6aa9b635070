"""Hanging up is never cheaper than staying by more than what was not generated."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import orjson
import pytest

from functions.farebox.data_plane.disconnect import HungUp
from functions.farebox.data_plane.drain import asks_to_reason, reasons_by_name
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.stream import PaidStream
from functions.farebox.errors import UpstreamFailed
from functions.farebox.gateway.answers import Answer, Loss, PlainAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.trail import Attempt
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.storage import Data
from functions.farebox.tokens.usage.usage import Usage
from tests.data_plane.test_inference import BODY, DRAIN_S, Chunks, Plane, plain, plane, said, source, streaming
from tests.support.fixtures.lease_pools import instance, wallet
from tests.support.patience import PATIENCE_S

__all__ = ["instance", "plane", "wallet"]

NANOS = 10_000  # a token, of either kind
THINKING: dict[str, Any] = {"reasoning_effort": "high"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
PICTURED: dict[str, Any] = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, IMAGE]}]}
REPORTED = {"prompt_tokens": 10, "completion_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 38}}
REPORT = data_event({"choices": [], "usage": REPORTED})
ROLE = data_event({"id": "c1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
END = [said("lo", "stop"), REPORT + DONE_EVENT]


async def cut_stream(plane: Plane, incoming: Chunks, *, first: bytes = b"", **fields: Any) -> Data:
    """The record of a stream whose client takes its first block and goes."""
    plane.upstreams.answer = streaming(incoming, first)
    request = plane.request(stream=True, **fields)
    stream = await plane.inference.serve(request)
    assert isinstance(stream, PaidStream)
    blocks = stream.blocks()
    await anext(blocks)
    request.hang_up.set()
    async with asyncio.timeout(PATIENCE_S):
        assert len([block async for block in blocks]) == 1, "nothing is relayed to nobody"
    assert incoming.closed
    return await plane.record()


def unread(incoming: Chunks) -> int:
    return len(incoming._chunks)


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        (THINKING, b""),
        (PICTURED, b""),
        ({"thinking": {"type": "enabled", "budget_tokens": 40}}, b""),
        ({}, data_event({"choices": [{"index": 0, "delta": {"reasoning_content": "Hm"}}]})),
    ],
    ids=["it was asked to", "there is an image", "it may", "it shows"],
)
async def test_a_model_that_thinks_is_heard_to_its_report_and_charged_by_it(
    plane: Plane, fields: dict[str, Any], first: bytes
) -> None:
    record = await cut_stream(plane, Chunks(*END), first=first, **fields)
    assert (record["status"], record["usage_source"]) == ("aborted", "provider")
    assert record["charged"] == record["cost"] == 50 * NANOS


async def test_a_model_whose_words_are_all_is_stopped_at_once(plane: Plane) -> None:
    incoming = Chunks(*END)
    record = await cut_stream(plane, incoming)
    assert unread(incoming) == 2
    assert (record["status"], record["usage_source"], record["tokens"]["completion"]) == ("aborted", "estimated", 1)


async def test_before_the_first_word_every_model_is_heard_and_then_stopped(plane: Plane) -> None:
    incoming = Chunks(said("Hello"), said(" you"), *END)
    record = await cut_stream(plane, incoming, first=ROLE)
    assert unread(incoming) == 3
    assert record["tokens"]["completion"] == 1


async def test_a_report_from_before_the_first_word_is_not_believed(plane: Plane) -> None:
    early = data_event({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 1}})
    record = await cut_stream(plane, Chunks(*END), first=ROLE + early, **THINKING)
    assert record["tokens"]["completion"] == 40


async def test_an_upstream_that_never_ends_is_stopped_in_time_and_what_it_said_is_charged(plane: Plane) -> None:
    incoming = Chunks(said(" and"), said(" more"), ends=False)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    record = await cut_stream(plane, incoming, **THINKING)
    assert DRAIN_S <= loop.time() - began_s < DRAIN_S + 3
    assert (record["status"], record["usage_source"], record["tokens"]["completion"]) == ("aborted", "estimated", 3)
    assert record["charged"] > 3 * NANOS
    assert record["shortfall"] == record["cost"] - record["charged"] > 0, "what was thought unseen is in the books"
    assert record["cost"] <= record["held"]


async def test_media_that_nobody_counted_in_time_are_charged_at_their_bound(plane: Plane) -> None:
    record = await cut_stream(plane, Chunks(ends=False), **PICTURED)
    assert record["usage_source"] == "estimated"
    assert record["tokens"]["prompt"] > 10_000
    assert record["cost"] <= record["held"]


async def test_a_server_that_must_go_listens_no_longer(plane: Plane) -> None:
    plane.inference._drain_s = 600.0
    incoming = Chunks(ends=False)
    plane.upstreams.answer = streaming(incoming)
    request = plane.request(stream=True, **THINKING)
    stream = await plane.inference.serve(request)
    assert isinstance(stream, PaidStream)
    blocks = stream.blocks()
    await anext(blocks)
    request.hang_up.set()
    ending = asyncio.ensure_future(anext(blocks))
    await asyncio.sleep(0.02)
    assert not ending.done()
    await plane.inference.cancel_all()
    async with asyncio.timeout(PATIENCE_S):
        await ending
    record = await plane.record()
    assert (record["status"], record["usage_source"]) == ("aborted", "estimated")
    assert record["charged"] > 0


class Slow:
    """An upstream that has been sent a request, and takes its time to answer."""

    def __init__(self, plane: Plane, seconds: float, answer: Callable[[], Answer], *, is_graceful: bool = True) -> None:
        self._is_graceful = is_graceful
        self._seconds = seconds
        self._answer = answer
        self.calls: list[Call] = []
        self.routes = plane.upstreams.routes

    def told_context(self, _model: str) -> int | None:
        return None

    async def open(self, call: Call) -> Answer:
        self.calls.append(call)
        upstream = Upstream("up", "http://up.example", {"m": "m"})
        call.progress.begin(
            Candidate(upstream, "m", "m", "m"), Outgoing(upstream, call.endpoint, b"", {}, was_sent=True)
        )
        await asyncio.sleep(self._seconds)
        if self._is_graceful:
            call.progress.end()
        return self._answer()


async def leave(plane: Plane, slow: Slow, *, by_server: bool = False, **fields: Any) -> Data:
    """The record of a request whose client goes before there is any answer."""
    plane.inference._gateway = slow  # type: ignore[assignment]
    request: Request = plane.request(**fields)
    serving = asyncio.create_task(plane.inference.serve(request))
    while not slow.calls:
        await asyncio.sleep(0.001)
    request.hang_up.set(by_server=by_server)
    async with asyncio.timeout(PATIENCE_S):
        with suppress(HungUp):
            reply = await serving
            if isinstance(reply, PaidStream):
                assert [block async for block in reply.blocks()]
    assert slow.calls[0].progress.nobody_waits or by_server
    return await plane.record()


async def test_an_answer_that_comes_after_its_client_has_gone_is_charged_as_it_is(plane: Plane) -> None:
    record = await leave(plane, Slow(plane, 0.05, plain))
    assert (record["status"], record["usage_source"], record["charged"]) == ("aborted", "provider", 12 * NANOS)


async def test_a_stream_that_begins_after_its_client_has_gone_is_heard_if_it_thinks(plane: Plane) -> None:
    record = await leave(plane, Slow(plane, 0.05, streaming(Chunks(*END))), stream=True, **THINKING)
    assert (record["status"], record["usage_source"], record["charged"]) == ("aborted", "provider", 50 * NANOS)


LONG = [{"role": "user", "content": "many words " * 1_000}]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_that_was_sent_is_charged_though_nothing_came_of_it(plane: Plane, stream: bool) -> None:
    record = await leave(plane, Slow(plane, 60, plain), stream=stream, messages=LONG)
    assert (record["status"], record["usage_source"], record["error"]) == ("aborted", "estimated", "the client hung up")
    assert record["tokens"]["prompt"] > 2_000
    assert record["charged"] == record["tokens"]["prompt"] * NANOS
    assert record["shortfall"] == record["cost"] - record["charged"] > 0, "what may have been done unseen is a loss"
    assert (record["upstream"], record["first_token_ms"]) == ("up", None)


async def test_what_a_server_that_goes_cuts_before_its_first_byte_is_our_loss(plane: Plane) -> None:
    record = await leave(plane, Slow(plane, 60, plain), by_server=True, messages=LONG)
    assert (record["status"], record["charged"], record["error"]) == ("aborted", 0, "the server was shut down")
    assert record["shortfall"] == record["cost"] > 2_000 * NANOS


async def test_an_upstream_that_fails_after_its_client_has_gone_costs_nothing(plane: Plane) -> None:
    def fail() -> Answer:
        raise UpstreamFailed("The model's server failed to answer. Try again.")

    record = await leave(plane, Slow(plane, 0.05, fail))
    assert (record["status"], record["charged"], record["cost"]) == ("aborted", 0, 0)


async def test_what_exceeds_the_hold_is_taken_from_what_is_there_and_the_rest_is_a_shortfall(plane: Plane) -> None:
    huge = Usage(prompt_tokens=10, completion_tokens=1_000_000)  # 10 USD, of 5
    record = await leave(plane, Slow(plane, 0.05, lambda: PlainAnswer(source(), b"{}", {}, huge)))
    assert record["cost"] == 1_000_010 * NANOS
    assert record["held"] < record["charged"] <= 5_000_000_000
    assert record["shortfall"] == record["cost"] - record["charged"] > 0


@pytest.mark.parametrize(
    ("usage", "read", "tokens"),
    [(Usage(prompt_tokens=10, completion_tokens=7), 0, (10, 7)), (None, 20, (None, 20)), (None, 10**9, (None, 50))],
    ids=["as reported", "by its bytes", "at the cap"],
)
async def test_an_answer_that_was_paid_for_nothing_is_a_loss_in_the_books(
    plane: Plane, usage: Usage | None, read: int, tokens: tuple[int | None, int]
) -> None:
    def fail() -> Answer:
        error = UpstreamFailed("The model's server failed to answer. Try again.")
        error.attempts = (Attempt("up", "m", "invalid", None, 0, 5),)
        error.loss = Loss(source(), usage, read, "the answer is too long")
        raise error

    plane.upstreams.answer = fail
    with pytest.raises(UpstreamFailed):
        await plane.inference.serve(plane.request())
    record = await plane.record()
    assert (record["status"], record["error"]) == ("error", "the answer is too long")
    prompt, completion = tokens
    assert record["tokens"]["completion"] == completion
    assert record["tokens"]["prompt"] == (prompt or record["tokens"]["prompt"]) > 0
    assert record["charged"] == 0
    assert record["shortfall"] == record["cost"] == sum(record["tokens"].values()) * NANOS


REASON: Sequence[str] = (
    "o1", "o3-mini", "openai/o4-mini", "gpt-5", "gpt-5.1-mini", "azure/gpt-6", "openai/gpt-oss-120b",
    "gemini-2.5-flash", "google/gemini-3-pro", "deepseek-reasoner",
    "deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1:free", "qwq-32b",
    "Qwen/Qwen3-235B-A22B-Thinking", "qwen3:8b", "magistral-medium", "grok-4", "x-ai/grok-3-mini", "kimi-k2-thinking",
    "glm-4.6", "sonar-reasoning-pro", "claude-3-7-sonnet:thinking", "phi-4-reasoning",
)  # fmt: skip
SPEAK: Sequence[str] = (
    "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5-chat-latest", "gpt-5.1-chat", "claude-sonnet-4-5", "llama-3.3-70b",
    "mistral-large", "gemini-1.5-pro", "gemini-2.0-flash", "deepseek-chat", "text-embedding-3-small", "grok-3",
    "qwen2.5:7b", "o365-bot",
)  # fmt: skip


def test_models_that_think_are_known_by_name() -> None:
    assert [name for name in REASON if not reasons_by_name(name)] == []
    assert [name for name in SPEAK if reasons_by_name(name)] == []


@pytest.mark.parametrize(
    ("wish", "asks"),
    [
        ({"reasoning_effort": "low"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning": {"effort": "high"}}, True),
        ({"reasoning": {"effort": "none"}}, False),
        ({"reasoning": {"enabled": False}}, False),
        ({"thinking": {"type": "adaptive"}}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"reasoning_effort": None}, False),
        ({}, False),
    ],
)
def test_a_wish_to_think_is_read_in_each_dialect(wish: dict[str, Any], asks: bool) -> None:
    assert asks_to_reason(orjson.loads(orjson.dumps({**BODY, **wish}))) == asks
