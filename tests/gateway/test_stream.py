"""Streams through a real socket."""

import asyncio
import gc
import time
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.answers import StreamAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.http.connection import HttpIncoming
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import usage_event
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.calls import CAP, call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.patience import PATIENCE_S
from tests.support.stand_ins.upstream import MODEL, USAGE, WORDS, Pause, StandIn, json_reply, raw, stream

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
CALL = call_of(BODY)
EVENTS = {"content-type": "text/event-stream"}


async def opened(gateway: Gateway, call: Call = CALL) -> StreamAnswer:
    answer = await gateway.open(call)
    assert isinstance(answer, StreamAnswer)
    return answer


async def read(answer: StreamAnswer) -> bytes:
    async with answer:
        return b"".join([block async for block in answer])


def kept() -> list[HttpIncoming]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, HttpIncoming)]


def contents(forwarded: bytes) -> list[str]:
    data = [data_of(one) for one in split(forwarded)]
    chunks = [orjson.loads(one) for one in data if one is not None]
    texts = [choice["delta"].get("content") for chunk in chunks for choice in chunk["choices"]]
    return [text for text in texts if text]


async def test_a_stream_is_relayed_with_its_usage(upstream: StandIn, make_gateway: MakeGateway) -> None:
    answer = await opened(make_gateway(upstream.entry()))
    assert contents(await read(answer)) == list(WORDS)
    assert answer.inspector.outcome == "complete"
    assert answer.inspector.usage == read_usage(USAGE)
    assert answer.inspector.texts() == ["".join(WORDS)]
    assert upstream.last.json == {**BODY, "model": MODEL, "max_tokens": CAP, "stream_options": {"include_usage": True}}
    assert [one.outcome for one in answer.source.attempts] == ["answered"]


async def test_the_first_block_comes_before_the_last_is_made(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(3, stall_after=2))
    async with await opened(make_gateway(upstream.entry())) as answer:
        forwarded = b""
        while b"word1" not in forwarded:
            forwarded += await anext(answer)
        assert contents(forwarded) == [" word0", " word1"]
        assert answer.inspector.outcome == "cut"


@pytest.mark.parametrize("split_at", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("ending", [b"\n\n", b"\r\n\r\n", b"\r\r"])
async def test_borders_of_the_network_do_not_show(
    upstream: StandIn, make_gateway: MakeGateway, split_at: int, ending: bytes
) -> None:
    upstream.script(stream(["wörld", "👋"], split=split_at, ending=ending, null_usage=True))
    answer = await opened(make_gateway(upstream.entry()))
    async with answer:
        blocks = [block async for block in answer]
    for block in blocks:
        assert block.decode().endswith(ending.decode())
    assert contents(b"".join(blocks)) == ["wörld", "👋"]
    assert answer.inspector.usage == read_usage(USAGE)
    assert answer.inspector.outcome == "complete"


async def test_a_client_that_asked_gets_a_usage_chunk_to_be_sent_last(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    call = call_of(BODY)
    answer = await opened(make_gateway(upstream.entry()), call)
    assert b'"usage"' not in await read(answer)
    seen = answer.inspector
    event = usage_event(seen.envelope, seen.usage_report, farebox={"cost_usd": "1.00"})
    chunk = orjson.loads(data_of(event) or b"")
    assert (chunk["usage"], chunk["choices"], chunk["farebox"]) == (USAGE, [], {"cost_usd": "1.00"})


async def test_a_stream_that_breaks_is_broken_and_keeps_what_it_said(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(["a", "b", "c"], break_after=2))
    answer = await opened(make_gateway(upstream.entry()))
    assert contents(await read(answer)) == ["a", "b"]
    assert answer.inspector.outcome == "broken"
    assert answer.inspector.failure == "the connection broke"
    assert answer.inspector.usage is None
    assert answer.inspector.texts() == ["ab"]


async def test_an_error_event_in_the_middle_is_a_broken_stream(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(["a", "b"], error_after=1))
    answer = await opened(make_gateway(upstream.entry()))
    forwarded = await read(answer)
    assert contents(forwarded) == ["a"]
    assert b"engine" not in forwarded
    assert answer.inspector.outcome == "broken"


async def test_a_clean_looking_end_in_the_middle_is_a_broken_stream(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(["a"], finish=False, usage=None, done=False))
    answer = await opened(make_gateway(upstream.entry()))
    await read(answer)
    assert answer.inspector.outcome == "broken"


async def test_a_stream_without_done_is_complete_when_it_has_finished(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(["a"], done=False))
    answer = await opened(make_gateway(upstream.entry()))
    await read(answer)
    assert answer.inspector.outcome == "complete"


async def test_a_stream_that_falls_silent_is_broken(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(3, stall_after=1))
    answer = await opened(make_gateway(upstream.entry(idle_timeout_s=0.1)))
    async with asyncio.timeout(PATIENCE_S):
        await read(answer)
    assert answer.inspector.outcome == "broken"
    assert answer.inspector.failure == "it fell silent"
    await upstream.last.hang_up()


async def test_a_stream_may_take_long_as_long_as_it_talks(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(8, pause_s=0.15))
    answer = await opened(make_gateway(upstream.entry(idle_timeout_s=0.5, timeout_s=0.5)))
    await read(answer)
    assert answer.inspector.outcome == "complete"


async def test_a_slow_reader_is_not_taken_for_a_silent_upstream(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(3))
    answer = await opened(make_gateway(upstream.entry(idle_timeout_s=0.1)))
    async with answer:
        async for _ in answer:
            await asyncio.sleep(0.25)
    assert answer.inspector.outcome == "complete"


async def test_closing_early_stops_the_upstream(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(1000, pause_s=0.01))
    answer = await opened(make_gateway(upstream.entry()))
    forwarded = b""
    async for block in answer:
        forwarded += block
        if len(contents(forwarded)) >= 5:
            break
    await answer.aclose()
    await upstream.last.hang_up(within_s=1)
    assert 5 <= upstream.last.deltas_sent < 20
    assert answer.inspector.outcome == "cut"
    assert answer.inspector.texts() == ["".join(contents(forwarded))]
    await answer.aclose()


async def test_a_cancelled_reader_can_still_close_the_upstream(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(3, stall_after=1))
    answer = await opened(make_gateway(upstream.entry()))
    reader = asyncio.create_task(read(answer))
    await asyncio.sleep(0.05)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await upstream.last.hang_up(within_s=1)
    assert answer.inspector.texts() == [" word0"]


@pytest.mark.parametrize("reply", [stream(delay_s=30), stream(stall_after=0, role=False)])
async def test_a_call_that_is_cancelled_before_its_first_byte_leaves_the_upstream(
    upstream: StandIn, make_gateway: MakeGateway, reply: Any
) -> None:
    upstream.script(reply)
    opening = asyncio.create_task(make_gateway(upstream.entry()).open(CALL))
    await upstream.asked()
    await asyncio.sleep(0.02)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await upstream.last.hang_up(within_s=1)


async def test_a_connection_serves_many_streams(upstream: StandIn, make_gateway: MakeGateway) -> None:
    gateway = make_gateway(upstream.entry())
    for _ in range(5):
        await read(await opened(gateway))
        await asyncio.sleep(0.02)  # the very end of an answer comes after what matters
    assert upstream.connections == 1


async def test_a_connection_whose_answer_ends_a_little_later_serves_again(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(raw(*stream().steps, Pause(0.1), headers=EVENTS))
    gateway = make_gateway(upstream.entry())
    await read(await opened(gateway))
    await asyncio.sleep(0.3)
    await read(await opened(gateway))
    assert upstream.connections == 1


@pytest.mark.parametrize("stop_after", [1, None])
async def test_nothing_of_an_answer_is_kept_when_it_is_over(
    upstream: StandIn, make_gateway: MakeGateway, stop_after: int | None
) -> None:
    others = kept()
    gateway = make_gateway(upstream.entry())
    await gateway.open(call_of({**BODY, "stream": False}))
    upstream.script(stream(stall_after=stop_after))
    async with await opened(gateway) as answer:
        async for block in answer:
            if stop_after and contents(block):
                break
    del answer
    await asyncio.sleep(0.05)
    assert [one for one in kept() if one not in others] == []


async def test_an_upstream_that_does_not_end_after_done_is_closed(upstream: StandIn, make_gateway: MakeGateway) -> None:
    whole = stream(2)
    upstream.script(raw(*whole.steps, Pause(), headers=EVENTS))
    answer = await opened(make_gateway(upstream.entry()))
    await read(answer)
    assert answer.inspector.outcome == "complete"
    await upstream.last.hang_up(within_s=3)


async def test_two_streams_at_once_do_not_mix(upstream: StandIn, make_gateway: MakeGateway) -> None:
    replies = [stream([f"{name}{n}" for n in range(20)], pause_s=0.001) for name in "abcdefgh"]
    upstream.script(*replies)
    gateway = make_gateway(upstream.entry())
    answers = await asyncio.gather(*[opened(gateway) for _ in replies])
    texts = await asyncio.gather(*[read(answer) for answer in answers])
    assert sorted("".join(contents(text)) for text in texts) == sorted(
        "".join(f"{name}{n}" for n in range(20)) for name in "abcdefgh"
    )


NOT_STREAMS = {
    "an error first": stream(error_after=0),
    "an error after the role": raw(*stream(error_after=1).steps[:1], *stream(error_after=0).steps[:1], headers=EVENTS),
    "an empty stream": raw(headers=EVENTS),
    "only done": raw(b"data: [DONE]\n\n", headers=EVENTS),
    "an error without a stream": json_reply({"error": {"message": "overloaded"}}),
    "a page": raw(b"<html>", headers={"content-type": "text/html"}),
    "only comments": raw(b": hi\n\n", b": hi\n\n", headers=EVENTS),
}


@pytest.mark.parametrize("reply", NOT_STREAMS.values(), ids=NOT_STREAMS.keys())
async def test_a_stream_that_begins_badly_gives_way_to_the_next_upstream(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, reply: Any
) -> None:
    upstream.script(reply)
    answer = await opened(make_gateway(upstream.entry("a"), spare.entry("b", priority=1)))
    assert contents(await read(answer)) == list(WORDS)
    assert answer.source.upstream == "b"
    assert len(answer.source.attempts) == 2


async def test_no_upstream_is_tried_after_the_first_byte(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(["a", "b"], break_after=1))
    answer = await opened(make_gateway(upstream.entry("a"), spare.entry("b", priority=1)))
    await read(answer)
    assert answer.inspector.outcome == "broken"
    assert spare.requests == []


async def test_an_upstream_whose_stream_broke_is_left_alone_for_a_while(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(["a", "b"], break_after=1))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1))
    await read(await opened(gateway))
    answer = await opened(gateway)
    assert answer.source.upstream == "b"
    await answer.aclose()


async def test_comments_before_the_first_event_are_forwarded_with_it(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(stream(keep_alive=True, split=5))
    assert (await read(await opened(make_gateway(upstream.entry())))).startswith(b": keep-alive\n\ndata: ")


async def test_the_first_byte_is_timed(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(stream(), stream(delay_s=0.1))
    gateway = make_gateway(upstream.entry())
    await read(await opened(gateway))
    began_s = time.monotonic()
    answer = await opened(gateway)
    assert answer.source.first_byte_s is not None
    assert 0.1 <= answer.source.first_byte_s - began_s < 5
    assert answer.source.attempts[0].latency_ms >= 100
    await answer.aclose()
