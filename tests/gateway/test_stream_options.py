"""Upstreams that refuse the wish for a stream's usage are asked without it, and no client brings that about."""

from typing import Any

import pytest

from functions.farebox.gateway.answers import Answer, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.faults.stream_options import FORGET_AFTER_S
from functions.farebox.gateway.gateway import Gateway
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import Received, Reply, StandIn, completion, json_reply, raw, status, stream

HI: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}

REFUSALS: dict[str, Reply] = {
    "OpenAI's": status(400, message="Unknown parameter: 'stream_options'.", error={"param": "stream_options"}),
    "prose": status(400, message="Unrecognized request argument supplied: stream_options"),
    "prose that sounds like a lack": status(400, message="stream_options on this model is not supported"),
    "Mistral's": json_reply(
        {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}, status=422
    ),
    "vLLM's": json_reply(
        {"object": "error", "message": "include_usage is unexpected", "type": "BadRequestError", "code": 400},
        status=400,
    ),
    "Gemini's": json_reply(
        [{"error": {"code": 400, "message": 'Unknown name "stream_options": Cannot find field.'}}],
        status=400,
    ),
    "in a 200": json_reply({"error": {"message": "stream_options is unknown", "code": 400}}),
    "first event": raw(
        b'data: {"error": {"message": "stream_options is unknown", "code": 400}}\n\n',
        headers={"content-type": "text/event-stream"},
    ),
}


def refusing(refusal: Reply) -> Any:
    def rule(received: Received) -> Reply:
        asked = received.json
        if "stream_options" in asked:
            return refusal
        return stream(usage=None) if asked.get("stream") else completion()

    return rule


async def opened(gateway: Gateway, **fields: Any) -> Answer:
    answer = await gateway.open(call_of({**HI, "stream": True, **fields}))
    if isinstance(answer, StreamAnswer):
        async for _ in answer:
            pass
    await answer.aclose()
    return answer


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_it_is_asked_again_at_once_and_from_then_on_without_them(
    make_gateway: MakeGateway, upstream: StandIn, refusal: Reply
) -> None:
    upstream.default = refusing(refusal)
    gateway = make_gateway(upstream.entry("up"))
    answer = await opened(gateway)
    assert isinstance(answer, StreamAnswer)
    assert answer.inspector.complete
    assert [one.outcome for one in answer.source.attempts] == ["rejected", "answered"]
    later = await opened(gateway, stream_options={"include_usage": True})
    assert [one.outcome for one in later.source.attempts] == ["answered"]
    assert ["stream_options" in one.json for one in upstream.requests] == [True, False, False]


async def test_another_model_there_is_asked_with_them_and_so_is_this_one_after_a_while(
    make_gateway: MakeGateway, upstream: StandIn
) -> None:
    now_s = [0.0]
    upstream.default = refusing(REFUSALS["prose"])
    entry = {**upstream.entry("up"), "models": {"test-model": "a", "other": "b"}}
    gateway = make_gateway(entry, clock=lambda: now_s[0])
    await opened(gateway)
    upstream.default = stream()
    await opened(gateway, model="other")
    now_s[0] = FORGET_AFTER_S + 1
    await opened(gateway)
    assert ["stream_options" in one.json for one in upstream.requests] == [True, False, True, True]


async def test_a_plain_call_has_none_and_is_not_asked_again(make_gateway: MakeGateway, upstream: StandIn) -> None:
    upstream.default = REFUSALS["prose"]
    answer = await opened(make_gateway(upstream.entry("up")), stream=False)
    assert isinstance(answer, RejectedAnswer)
    assert len(upstream.requests) == 1


async def test_nor_is_one_that_is_never_sent_them(make_gateway: MakeGateway, upstream: StandIn) -> None:
    upstream.default = REFUSALS["prose"]
    answer = await opened(make_gateway(upstream.entry("up", drop_fields=["stream_options"])))
    assert isinstance(answer, RejectedAnswer)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"messages": [{"role": "user", "content": "stream_options"}]}, status(400, message="Flagged: stream_options")),
        ({"user": "include_usage"}, status(422, message="no user 'include_usage'")),
        (
            {"stream_options": {"include_usage": True, "include_obfuscation": False}},
            status(400, error={"param": "stream_options.include_obfuscation"}, message="Unknown parameter"),
        ),
        ({}, status(400, message="temperature is too high")),
    ],
)
async def test_a_refusal_of_a_clients_own_words_or_options_is_its_clients(
    make_gateway: MakeGateway, upstream: StandIn, fields: dict[str, Any], refusal: Reply
) -> None:
    gateway = make_gateway(upstream.entry("up"))
    upstream.script(refusal)
    assert isinstance(await opened(gateway, **fields), RejectedAnswer)
    assert isinstance(await opened(gateway), StreamAnswer)
    assert ["stream_options" in one.json for one in upstream.requests] == [True, True]


async def test_who_refuses_without_them_too_is_not_remembered(make_gateway: MakeGateway, upstream: StandIn) -> None:
    gateway = make_gateway(upstream.entry("up"))
    upstream.script(REFUSALS["prose"], status(400, message="temperature is too high"))
    rejected = await opened(gateway)
    assert isinstance(rejected, RejectedAnswer)
    assert b"temperature" in rejected.body
    await opened(gateway)
    assert ["stream_options" in one.json for one in upstream.requests] == [True, False, True]


async def test_who_fails_without_them_gives_way_to_the_next(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    upstream.script(REFUSALS["prose"], status(500))
    gateway = make_gateway(upstream.entry("up"), spare.entry("spare", priority=1))
    answer = await opened(gateway)
    assert [(one.upstream, one.outcome) for one in answer.source.attempts] == [
        ("up", "rejected"),
        ("up", "failed"),
        ("spare", "answered"),
    ]
