"""Answers as large as vendors send them, and memory for them."""

import asyncio
import base64
import gc
from dataclasses import replace
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.answers import PlainAnswer, StreamAnswer
from functions.farebox.kit.memory_budget import MemoryQueue
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import StandIn, embedding, raw, stream

MIB = 1024 * 1024
EVENTS = {"content-type": "text/event-stream"}
EMBED = call_of({"model": "test-model", "input": ["a"], "encoding_format": "base64"})
STREAM = call_of({"model": "test-model", "messages": [{"role": "user", "content": "Draw"}], "stream": True})


def batch(vectors: int) -> list[str]:
    """Embeddings of 3,072 numbers in base64."""
    return [base64.b64encode(bytes(4 * 3072)).decode()] * vectors


def drawn(size: int) -> bytes:
    """An event with an image of so many bytes in base64."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * size}}
    chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "", "images": [image]}}]}
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


async def test_a_batch_of_a_thousand_embeddings_passes(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(embedding(batch(1_000)))
    answer = await make_gateway(upstream.entry()).open(EMBED)
    assert isinstance(answer, PlainAnswer)
    assert len(answer.body) > 15 * MIB
    assert len(answer.payload["data"]) == 1_000


@pytest.mark.parametrize("size", [3 * MIB // 2, 20 * MIB])
async def test_an_image_in_one_event_passes(upstream: StandIn, make_gateway: MakeGateway, size: int) -> None:
    [begun, *_, finish, usage, done] = stream(["a"]).steps
    upstream.script(raw(begun, drawn(size), finish, usage, done, headers=EVENTS))
    answer = await make_gateway(upstream.entry()).open(STREAM)
    assert isinstance(answer, StreamAnswer)
    async with answer:
        relayed = b"".join([block async for block in answer])
    assert drawn(size) in relayed
    assert answer.inspector.outcome == "complete"
    assert answer.inspector.media_tokens() > 0


async def test_a_large_answer_waits_for_memory_and_gives_it_back(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.default = embedding(batch(150))
    memory = MemoryQueue(4 * MIB, 4 * MIB)  # for one of some 2.4 MB
    gateway = make_gateway(upstream.entry(timeout_s=1), memory=memory)
    answer: Any = await gateway.open(EMBED)
    assert memory.taken_bytes > 2 * MIB
    second = asyncio.create_task(gateway.open(EMBED))
    await upstream.asked(2)
    await asyncio.sleep(0.3)
    assert not second.done()
    assert upstream.requests[1].path == "/v1/embeddings"
    del answer
    gc.collect()
    assert len((await asyncio.wait_for(second, 5)).body) > 2 * MIB  # type: ignore[union-attr]
    del second
    gc.collect()
    assert memory.taken_bytes == 0


@pytest.mark.parametrize("call", [EMBED, STREAM], ids=["whole", "streamed"])
async def test_an_answer_of_untold_size_keeps_no_more_than_it_takes(
    upstream: StandIn, make_gateway: MakeGateway, call: Any
) -> None:
    [begun, *_, finish, usage, done] = stream(["a"]).steps
    told = embedding(batch(150))
    whole = replace(told, headers={**told.headers, "content-encoding": "identity"})
    upstream.script(whole if call is EMBED else raw(begun, drawn(2 * MIB), finish, usage, done, headers=EVENTS))
    memory = MemoryQueue(256 * MIB)
    answer: Any = await make_gateway(upstream.entry(), memory=memory).open(call)
    if call is EMBED:
        assert memory.taken_bytes == len(answer.body) > 2 * MIB
        return
    async with answer:
        assert [memory.taken_bytes == len(block) async for block in answer if len(block) > MIB] == [True]


async def test_a_large_event_gives_its_memory_back_once_it_is_sent(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    [begun, *_, finish, usage, done] = stream(["a"]).steps
    upstream.script(raw(begun, drawn(2 * MIB), finish, usage, done, headers=EVENTS))
    memory = MemoryQueue(64 * MIB)
    answer = await make_gateway(upstream.entry(), memory=memory).open(STREAM)
    assert isinstance(answer, StreamAnswer)
    [(taken, size)] = [(memory.taken_bytes, len(block)) async for block in answer if len(block) > MIB]
    assert taken == size
    assert memory.taken_bytes == 0
    await answer.aclose()


async def test_a_stream_that_is_left_gives_its_memory_back(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(raw(drawn(2 * MIB)[:-100], headers=EVENTS, split=65_536))
    memory = MemoryQueue(64 * MIB)
    gateway = make_gateway(upstream.entry(), memory=memory)
    with pytest.raises(Exception, match="failed to answer"):
        await gateway.open(STREAM)
    assert memory.taken_bytes == 0
