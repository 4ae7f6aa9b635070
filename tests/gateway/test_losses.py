"""What was paid for is never asked of somebody else, and what came of it is told."""

from typing import Any

import pytest

from functions.farebox.errors import UpstreamFailed, UpstreamTimeout
from functions.farebox.gateway.answers import Loss
from functions.farebox.gateway.call import Call
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
