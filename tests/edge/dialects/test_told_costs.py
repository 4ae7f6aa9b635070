"""No client is shown what an upstream says of its cost, in whichever dialect it asks and the upstream answers."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi
from tests.support.stand_ins.upstream import USAGE, Delta, Received, Reply, StandIn, Step, completion, stream

COSTS = {"cost": 0.02, "is_byok": False, "cost_details": {"upstream_inference_cost": None}, "cost_in_usd_ticks": 2}
HELLO: dict[str, Any] = {"max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": HELLO,
    "/v1/messages": HELLO,
    "/v1/responses": {"input": "Hello"},
}
SHOWN = ("is_byok", "cost_details", "ticks", '"cost"')


def chats(received: Received) -> Reply:
    usage = {**USAGE, **COSTS}
    return stream(usage=usage) if received.json.get("stream") else completion(usage=usage)


def messages(received: Received) -> Reply:
    """Anthropic's answers, with costs in every report."""
    reply = AnthropicApi().answer(received)
    costs = orjson.dumps(COSTS)[1:-1] + b","
    steps: list[Step] = []
    for told in reply.steps:
        event = told.data if isinstance(told, Delta) else told
        assert isinstance(event, bytes)
        event = event.replace(b'"input_tokens":', costs + b'"input_tokens":')
        event = event.replace(b'"usage":{"output_tokens":', b'"usage":{' + costs + b'"output_tokens":')
        steps.append(event)
    return replace(reply, steps=steps)


async def ask(instance: Instance, customer: Customer, path: str, model: str, *, streamed: bool) -> httpx.Response:
    body = {**BODIES[path], "model": model, "stream": streamed}
    if streamed and path == "/v1/chat/completions":
        body["stream_options"] = {"include_usage": True}
    return await instance.client.post(path, headers={**customer.bearer, "x-farebox-cache": "on"}, json=body)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("model", ["chatty", "claude"])
async def test_no_answer_and_no_replay_shows_it(
    sqlite_store: Store, upstream: StandIn, model: str, path: str, *, streamed: bool
) -> None:
    upstream.default = chats if model == "chatty" else messages
    customer = await open_customer(sqlite_store, "1")
    entry = upstream.entry("up", model)
    if model == "claude":
        entry |= {"models": {model: MODEL}, "speaks": ["messages"], "api_key": KEY, "auth": {"header": "x-api-key"}}
        entry |= {"headers": {"anthropic-version": "2023-06-01"}}
    async with running(
        sqlite_store,
        pricing={model: PRICE},
        FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode(),
        FAREBOX_CACHE='{"models": ["*"]}',
    ) as instance:
        first, again = [await ask(instance, customer, path, model, streamed=streamed) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert len(upstream.requests) == 1
    for answer in (first, again):
        assert "_tokens" in answer.text
        assert not [word for word in SHOWN if word in answer.text], answer.text
