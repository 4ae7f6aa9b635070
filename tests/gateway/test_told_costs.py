"""What a vendor says of its own cost is what the operator pays: the books read it, and no client is shown it."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.answers import PlainAnswer, StreamAnswer
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import USAGE, Reply, StandIn, completion, embedding, raw, stream

COSTS: dict[str, dict[str, Any]] = {
    "OpenRouter": {"cost": 0.02, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.0}},
    "Perplexity": {"cost": {"total_cost": 0.02}},
    "xAI": {"cost_in_usd_ticks": 200_000_000},
}
NANOS = 20_000_000
SHOWN = (b"cost", b"byok", b"ticks")
TOLD = pytest.mark.parametrize("costs", COSTS.values(), ids=COSTS.keys())
BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}


@TOLD
@pytest.mark.parametrize("kind", ["chat", "embeddings", "base64", "events"])
async def test_a_whole_answer_keeps_it_for_the_books(
    upstream: StandIn, make_gateway: MakeGateway, costs: dict[str, Any], kind: str
) -> None:
    usage = {**USAGE, **costs}
    replies = {"chat": completion(usage=usage), "events": stream(usage=usage)}
    upstream.default = replies.get(kind) or embedding(usage=usage)
    body = BODY
    if kind in ("embeddings", "base64"):
        body = {"model": "test-model", "input": "Hi", **({"encoding_format": "base64"} if kind == "base64" else {})}
    answer = await make_gateway(upstream.entry("a")).open(call_of(body))
    assert isinstance(answer, PlainAnswer)
    assert answer.told_cost == NANOS
    assert not [word for word in SHOWN if word in answer.body]
    assert orjson.loads(answer.body)["usage"]["prompt_tokens"] == USAGE["prompt_tokens"]


async def test_a_whole_answer_without_it_is_the_very_bytes(upstream: StandIn, make_gateway: MakeGateway) -> None:
    written = b'{ "model":"test-model","choices" : [ {"index":0,"message":{"role":"assistant","content":"x"}} ] }'
    upstream.default = raw(written, headers={"content-type": "application/json"})
    answer = await make_gateway(upstream.entry("a")).open(call_of(BODY))
    assert isinstance(answer, PlainAnswer)
    assert answer.body == written


@TOLD
@pytest.mark.parametrize("place", ["chunk", "finish", "last_delta", "every_delta", "empty_choice", "a whole answer"])
async def test_a_stream_keeps_it_for_the_books(
    upstream: StandIn, make_gateway: MakeGateway, costs: dict[str, Any], place: Any
) -> None:
    usage = {**USAGE, **costs}
    reply: Reply = completion(usage=usage) if place == "a whole answer" else stream(usage=usage, usage_in=place)
    upstream.default = reply
    answer = await make_gateway(upstream.entry("a")).open(call_of({**BODY, "stream": True}))
    assert isinstance(answer, StreamAnswer)
    seen = b"".join([block async for block in answer])
    await answer.aclose()
    seen += orjson.dumps(answer.inspector.usage_report)
    assert answer.inspector.told_cost == NANOS
    assert b'"prompt_tokens"' in seen
    assert not [word for word in SHOWN if word in seen]
