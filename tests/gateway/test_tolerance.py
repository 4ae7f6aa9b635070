"""Answers in another form than was asked for, where nothing is lost by taking them."""

from typing import Any

import orjson
import pytest

from functions.farebox.errors import UpstreamFailed
from functions.farebox.gateway.answers import PlainAnswer, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import USAGE, WORDS, Pause, Reply, StandIn, completion, raw, stream

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
PLAIN, STREAM = call_of(BODY), call_of({**BODY, "stream": True})
JSON, EVENTS = {"content-type": "application/json"}, {"content-type": "text/event-stream"}
BOM = b"\xef\xbb\xbf"
EVENT_STEPS = stream().steps
[ROLE, *_, USAGE_CHUNK, DONE] = [step for step in EVENT_STEPS if isinstance(step, bytes)]


def chunk(delta: dict[str, Any], finish: str | None = None, **fields: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up-model", "choices": [choice]}
    return b"data: " + orjson.dumps({**head, **fields}) + b"\n\n"


SAID, END = chunk({"content": "Hello"}), chunk({}, "stop")


async def blocks(gateway: Gateway, call: Call = STREAM) -> tuple[StreamAnswer, bytes]:
    answer = await gateway.open(call)
    assert isinstance(answer, StreamAnswer)
    async with answer:
        return answer, b"".join([block async for block in answer])


def said(events: bytes) -> str:
    found = [orjson.loads(data) for data in map(data_of, split(events)) if data]
    return "".join(choice["delta"].get("content") or "" for each in found for choice in each["choices"])


@pytest.mark.parametrize(
    "headers", [{}, JSON, {"content-type": "text/plain"}, {"content-type": "application/octet-stream"}]
)
@pytest.mark.parametrize("before", [b"", BOM, b": hello\n\n", b"\n"])
async def test_a_stream_is_one_whatever_its_type_is_said_to_be(
    upstream: StandIn, make_gateway: MakeGateway, headers: dict[str, str], before: bytes
) -> None:
    upstream.script(raw(before, *EVENT_STEPS, headers=headers))
    answer, events = await blocks(make_gateway(upstream.entry()))
    assert said(events) == "".join(WORDS)
    assert answer.inspector.outcome == "complete"
    assert answer.inspector.usage == read_usage(USAGE)


@pytest.mark.parametrize("headers", [{}, JSON, {"content-type": "text/plain"}])
async def test_a_whole_answer_is_streamed_where_a_stream_was_asked_for(
    upstream: StandIn, make_gateway: MakeGateway, headers: dict[str, str]
) -> None:
    [body] = [step for step in completion("Hello").steps if isinstance(step, bytes)]
    upstream.script(raw(body, headers=headers))
    answer, events = await blocks(make_gateway(upstream.entry()))
    assert said(events) == "Hello"
    assert answer.inspector.outcome == "complete"
    assert answer.inspector.usage == read_usage(USAGE)


@pytest.mark.parametrize("headers", [{}, EVENTS, JSON, {"content-type": "text/plain"}])
async def test_a_stream_is_put_together_where_a_whole_answer_was_asked_for(
    upstream: StandIn, make_gateway: MakeGateway, headers: dict[str, str]
) -> None:
    upstream.script(raw(*EVENT_STEPS, headers=headers))
    answer = await make_gateway(upstream.entry()).open(PLAIN)
    assert isinstance(answer, PlainAnswer)
    whole = orjson.loads(answer.body)
    assert (whole["object"], whole["model"]) == ("chat.completion", "test-model")
    assert whole["choices"][0]["message"]["content"] == "".join(WORDS)
    assert answer.usage == read_usage(USAGE)
    assert answer.answered_model != "test-model", "the price knows who answered"


async def test_a_mark_of_byte_order_before_a_whole_answer_is_passed_over(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    [body] = [step for step in completion("Hello").steps if isinstance(step, bytes)]
    upstream.script(raw(BOM + body, headers=JSON))
    answer = await make_gateway(upstream.entry()).open(PLAIN)
    assert isinstance(answer, PlainAnswer)
    assert orjson.loads(answer.body)["choices"][0]["message"]["content"] == "Hello"


async def test_comments_are_signs_of_life(upstream: StandIn, make_gateway: MakeGateway) -> None:
    waiting = [step for _ in range(4) for step in (b": PROCESSING\n\n", Pause(0.6))]
    upstream.script(raw(*waiting, *EVENT_STEPS, headers=EVENTS))
    _, events = await blocks(make_gateway(upstream.entry(timeout_s=1.5, idle_timeout_s=1.5)))
    assert said(events) == "".join(WORDS)


@pytest.mark.parametrize(
    "error",
    [
        b'data: {"error":{"message":"It broke.","code":500}}\n\n',
        b'event: error\ndata: {"type":"overloaded_error","message":"Overloaded"}\n\n',
        b'data: {"detail":"Too many requests"}\n\n',
        b'data: {"object":"error","message":"It broke.","code":500}\n\n',
        chunk({}, "error", error={"code": 502, "message": "gone"}),
        b"event:error\ndata: gone\n\n",
    ],
    ids=["OpenAI's", "its name", "flat", "vLLM's", "in a choice", "text"],
)
@pytest.mark.parametrize("before", [[], [ROLE], [ROLE, Pause(0.1)]], ids=["first", "with a role", "after a role"])
async def test_an_error_before_the_first_word_gives_way_to_the_next(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, before: list[Any], error: bytes
) -> None:
    upstream.script(raw(*before, error, headers=EVENTS))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1))
    answer, events = await blocks(gateway)
    assert [each.upstream for each in answer.source.attempts] == ["a", "b"]
    assert said(events) == "".join(WORDS)


BROKEN: dict[str, Reply] = {
    "an error's event": raw(
        ROLE, SAID, b'event: error\ndata: {"message":"x"}\n\n', b"data: [DONE]\n\n", headers=EVENTS
    ),
    "an error": raw(ROLE, SAID, b'data: {"error":{"message":"x"}}\n\n', headers=EVENTS),
    "a flat error before the end": raw(ROLE, SAID, b'data: {"detail":"x"}\n\n', DONE, headers=EVENTS),
    "an error in a choice": raw(ROLE, SAID, chunk({}, "error"), DONE, headers=EVENTS),
    "an empty finish reason": raw(
        chunk({"role": "assistant", "content": "a"}, ""), chunk({"content": "b"}, ""), headers=EVENTS
    ),
    "no end": raw(ROLE, SAID, headers=EVENTS),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
async def test_a_stream_that_fails_after_a_word_is_broken(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, reply: Reply
) -> None:
    upstream.script(reply)
    answer, _ = await blocks(make_gateway(upstream.entry("a"), spare.entry("b", priority=1)))
    assert answer.inspector.outcome == "broken"
    assert spare.requests == []


async def test_words_about_errors_are_none(upstream: StandIn, make_gateway: MakeGateway) -> None:
    texts = ['{"error": "x"}', "event: error", "\n\nevent: error\ndata: x", "errors: []"]
    upstream.script(raw(ROLE, *[chunk({"content": text}) for text in texts], END, headers=EVENTS))
    answer, events = await blocks(make_gateway(upstream.entry()))
    assert said(events) == "".join(texts)
    assert answer.inspector.outcome == "complete"


@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("usage_at_the_end", [False, True])
async def test_the_model_has_its_public_name_everywhere_and_what_it_says_stays(
    upstream: StandIn, make_gateway: MakeGateway, spaced: bool, usage_at_the_end: bool
) -> None:
    name = '{"model":"up-model"}'
    end = [chunk({}, "stop", usage=USAGE)] if usage_at_the_end else [END, USAGE_CHUNK]
    events = b"".join([ROLE, chunk({"content": name}), *end, DONE])
    if spaced:
        events = events.replace(b'"model":"', b'"model": "')
    upstream.script(raw(events, headers=EVENTS))
    answer, forwarded = await blocks(make_gateway(upstream.entry()))
    found = [orjson.loads(data) for data in map(data_of, split(forwarded)) if data]
    assert {each["model"] for each in found} == {answer.inspector.envelope["model"]} == {"test-model"}
    assert said(forwarded) == name
    assert answer.inspector.answered_model == "up-model"


@pytest.mark.parametrize("call", [PLAIN, STREAM], ids=["plain", "stream"])
async def test_a_fault_of_the_request_inside_a_good_status_goes_to_the_client(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, call: Call
) -> None:
    error = b'{"error":{"message":"the context holds 32768 tokens","code":400}}'
    upstream.script(raw(b"data: " + error + b"\n\n", headers=EVENTS) if call.stream else raw(error, headers=JSON))
    answer = await make_gateway(upstream.entry("a"), spare.entry("b", priority=1)).open(call)
    assert isinstance(answer, RejectedAnswer)
    assert answer.status == 400
    assert b"32768" in answer.body
    assert spare.requests == []


async def test_what_is_an_operators_is_told_to_no_client(upstream: StandIn, make_gateway: MakeGateway) -> None:
    words = "organization org-SECRETCORP1 has no credit at https://console.vendor.example/billing for up-model"
    for status in (400, 401, 402, 403, 404, 429, 500):
        upstream.script(raw(orjson.dumps({"error": {"message": words}}), status=status, headers=JSON))
        with pytest.raises(UpstreamFailed) as caught:
            await make_gateway(upstream.entry()).open(PLAIN)
        told = caught.value.message + str([attempt.to_data() for attempt in caught.value.attempts])
        for word in ("SECRETCORP", "credit", "billing", "console.vendor"):
            assert word not in told


@pytest.mark.parametrize("begun", [False, True])
async def test_a_refusal_beside_what_a_model_had_begun_to_say_may_be_billed(
    upstream: StandIn, make_gateway: MakeGateway, begun: bool
) -> None:
    error = {"code": 400, "message": "flagged by moderation"}
    choice = {"index": 0, "message": {"content": "par"}, "finish_reason": "error", "error": error}
    upstream.script(raw(orjson.dumps({"choices": [choice]} if begun else {"error": error}), headers=JSON))
    answer = await make_gateway(upstream.entry()).open(PLAIN)
    assert isinstance(answer, RejectedAnswer)
    assert [attempt.may_be_billed for attempt in answer.source.attempts] == [begun]


@pytest.mark.parametrize("before", [[], [ROLE], [ROLE, SAID]], ids=["first", "after a role", "after a word"])
async def test_googles_list_of_an_error_is_one_wherever_it_stands(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, before: list[bytes]
) -> None:
    error = b'data: [{"error":{"code":503,"message":"project SECRET","status":"UNAVAILABLE"}}]\n\n'
    upstream.script(raw(*before, error, DONE, headers=EVENTS))
    answer, events = await blocks(make_gateway(upstream.entry("a"), spare.entry("b", priority=1)))
    assert b"SECRET" not in events
    assert (answer.inspector.outcome == "broken") is (SAID in before)


async def test_comments_without_end_are_no_answer(upstream: StandIn, make_gateway: MakeGateway) -> None:
    waiting = [step for _ in range(40) for step in (b": ping\n\n", Pause(0.3))]
    upstream.script(raw(*waiting, *EVENT_STEPS, headers=EVENTS))
    with pytest.raises(UpstreamFailed):
        await make_gateway(upstream.entry(timeout_s=1.0, idle_timeout_s=1.0)).open(STREAM)
