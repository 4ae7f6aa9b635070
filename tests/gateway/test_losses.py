"""What was paid for is never asked of somebody else, and what came of it is told."""

from typing import Any

import pytest

from functions.farebox.errors import UpstreamFailed, UpstreamTimeout
from functions.farebox.gateway.answers import Loss, RejectedAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.stream.own_events import data_event
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import Usage
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import (
    MODEL,
    USAGE,
    Break,
    Pause,
    Reply,
    StandIn,
    completion,
    json_reply,
    raw,
    stream,
)

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
PLAIN, STREAM = call_of(BODY), call_of({**BODY, "stream": True})
MOST_BYTES = 1000

# What came, what is said of it, and how many bytes of it at least were read.
PAID: dict[str, tuple[Call, Reply, str, int]] = {
    "too long": (PLAIN, completion("x" * 2000), "the answer is too long", 0),
    "too long, in pieces": (PLAIN, raw(*[b" " * 300] * 9, headers=JSON), "the answer is too long", MOST_BYTES),
    "cut off": (PLAIN, raw(b'{"choices":[', headers=JSON), "the answer is not a JSON object", 12),
    "broken off": (PLAIN, raw(b'{"choices":[', Break(), headers=JSON), "the connection broke", 12),
    "silent": (PLAIN, raw(b'{"choices":[', Pause(), headers=JSON), "no answer in time", 12),
    "no result, but a report": (PLAIN, json_reply({"usage": USAGE}), "the answer holds no result", 9),
    "a result of another kind": (PLAIN, json_reply({"choices": {"a": 1}}), "the answer holds no result", 9),
    "half a stream for a plain answer": (
        PLAIN,
        stream(["a"], finish=False, done=False, usage=None),
        "the answer is not whole",
        9,
    ),
    "no chunk": (STREAM, raw(b"data: oops\n\n", headers=EVENTS), "the first event is not a chunk", 12),
    "too deep": (
        STREAM,
        raw(b'{"choices":[{"message":{"content":' + b"[" * 400 + b"]" * 400 + b"}}]}", headers=JSON),
        "the answer is nested too deeply",
        800,
    ),
    "half an event": (STREAM, raw(b'data: {"choi', headers=EVENTS), "the stream ended before its answer did", 12),
    "a break first": (STREAM, stream(role=False, break_after=0), "the connection broke", 0),
    "silence first": (STREAM, stream(role=False, stall_after=0), "no answer in time", 0),
}


@pytest.mark.parametrize(("call", "reply", "why", "read"), PAID.values(), ids=PAID.keys())
async def test_an_answer_whose_head_has_come_is_not_asked_of_the_next_upstream(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, call: Call, reply: Reply, why: str, read: int
) -> None:
    upstream.script(reply)
    first = upstream.entry("a", timeout_s=0.3, idle_timeout_s=0.2)
    gateway = make_gateway(first, spare.entry("b", priority=1), max_body_bytes=MOST_BYTES)
    with pytest.raises(UpstreamFailed) as caught:
        await gateway.open(call)
    error = caught.value
    assert spare.requests == []
    [made] = error.attempts
    loss = error.loss
    assert isinstance(loss, Loss)
    assert (loss.why, made.error) == (why, why)
    assert loss.read_bytes >= read
    assert (loss.source.upstream, loss.source.model, loss.source.attempts) == ("a", MODEL, (made,))
    assert isinstance(error, UpstreamTimeout) == (made.outcome == "timeout")
    assert loss.would_recur == (made.outcome == "invalid")


async def test_what_such_an_answer_reported_is_told(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(json_reply({"usage": {"prompt_tokens": 9, "completion_tokens": 12}}), json_reply({"usage": USAGE}))
    gateway = make_gateway(upstream.entry())
    for call in (PLAIN, STREAM):
        with pytest.raises(UpstreamFailed) as caught:
            await gateway.open(call)
        usage: Any = caught.value.loss.usage
        assert isinstance(usage, Usage)
        assert (usage.prompt_tokens, usage.completion_tokens) == (9, 12)


async def test_nothing_is_sent_anew_where_nobody_waits_any_more(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    def give_up(_received: object) -> Reply:
        call.progress.nobody_waits = True
        return raw(status=500, headers=JSON)

    call = call_of(BODY)
    upstream.script(give_up)
    with pytest.raises(UpstreamFailed) as caught:
        await make_gateway(upstream.entry("a"), spare.entry("b", priority=1)).open(call)
    assert caught.value.loss is None
    assert spare.requests == []


TOLD = {"message": "it broke", "code": 502}
REPORTED: dict[str, tuple[Call, Reply]] = {
    "whole, beside a text": (
        PLAIN,
        json_reply({"choices": [{"message": {"content": "a"}}], "error": TOLD, "usage": USAGE}),
    ),
    "whole, alone": (PLAIN, json_reply({"error": TOLD, "usage": USAGE})),
    "in place of a plain answer's stream": (PLAIN, raw(data_event({"error": TOLD, "usage": USAGE}), headers=EVENTS)),
    "in place of a stream": (STREAM, raw(data_event({"error": TOLD, "usage": USAGE}), headers=EVENTS)),
    "whole, in place of a stream": (STREAM, json_reply({"error": TOLD, "usage": USAGE})),
    "in a choice": (
        STREAM,
        raw(data_event({"choices": [{"finish_reason": "error"}], "usage": USAGE}), headers=EVENTS),
    ),
    "beside an error by its status": (PLAIN, json_reply({"error": TOLD, "usage": USAGE}, status=500)),
    "beside one that is never billed else": (STREAM, json_reply({"error": TOLD, "usage": USAGE}, status=503)),
    "in such an error": (STREAM, json_reply({"error": {**TOLD, "usage": USAGE}}, status=429)),
}


@pytest.mark.parametrize(("call", "reply"), REPORTED.values(), ids=REPORTED.keys())
async def test_an_error_in_place_of_an_answer_costs_what_it_reports_and_gives_way_to_the_next(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, call: Call, reply: Reply
) -> None:
    upstream.script(reply)
    answer = await make_gateway(upstream.entry("a"), spare.entry("b", priority=1)).open(call)
    failed, answered = answer.source.attempts
    assert (failed.may_be_billed, failed.usage) == (True, read_usage(USAGE))
    assert (answered.may_be_billed, answered.usage) == (False, None)
    await answer.aclose()


@pytest.mark.parametrize("status", [200, 400])
async def test_the_refusal_of_a_request_costs_what_it_reports(
    upstream: StandIn, make_gateway: MakeGateway, status: int
) -> None:
    refusal = {"message": "too much of it", "code": "context_length_exceeded"}
    upstream.script(json_reply({"error": refusal, "usage": USAGE}, status=status))
    answer = await make_gateway(upstream.entry()).open(PLAIN)
    assert isinstance(answer, RejectedAnswer)
    [made] = answer.source.attempts
    assert (made.may_be_billed, made.usage) == (True, read_usage(USAGE))


@pytest.mark.parametrize("status", [200, 500])
async def test_a_report_of_nothing_beside_an_error_is_none(
    upstream: StandIn, make_gateway: MakeGateway, status: int
) -> None:
    nothing = {"prompt_tokens": 0, "completion_tokens": 0}
    upstream.script(json_reply({"error": TOLD, "usage": nothing}, status=status))
    with pytest.raises(UpstreamFailed) as caught:
        await make_gateway(upstream.entry()).open(PLAIN)
    [made] = caught.value.attempts
    assert (made.may_be_billed, made.usage) == (True, None)
