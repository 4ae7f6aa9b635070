"""No client is shown what a proxy behind us keeps for itself, in whichever dialect it asks and is answered."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi
from tests.support.stand_ins.responses import ResponsesApi
from tests.support.stand_ins.upstream import Delta, Received, Reply, StandIn, Step, completion, stream

HELLO: dict[str, Any] = {"max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": HELLO,
    "/v1/messages": HELLO,
    "/v1/responses": {"input": "Hello"},
}
PRIVATE = b'{"_hidden_params":{"api_base":"https://secret.test"},"_response_headers":{"x":"secret"},'
SPEAKS: dict[str, dict[str, Any]] = {
    "chat": {},
    "messages": {"speaks": ["messages"], "api_key": KEY, "auth": {"header": "x-api-key"}},
    "responses": {"speaks": ["responses"]},
}


def proxied(received: Received) -> Reply:
    """An answer with such fields in each of its objects that is one of the protocol's, an event's too."""
    if received.path == "/v1/messages":
        reply = AnthropicApi().answer(received)
    elif received.path == "/v1/responses":
        reply = ResponsesApi().answer(received)
    else:
        reply = stream() if received.json.get("stream") else completion()
    steps: list[Step] = []
    for told in reply.steps:
        event = told.data if isinstance(told, Delta) else told
        assert isinstance(event, bytes)
        for holder in (b"data: ", b'"message":', b'"response":', b'"choices":[', b'"delta":'):
            event = event.replace(holder + b"{", holder + PRIVATE).replace(b",}", b"}")
        steps.append(PRIVATE + event[1:] if event.startswith(b"{") else event)
    length = {name: value for name, value in reply.headers.items() if name.lower() != "content-length"}
    return replace(reply, steps=steps, headers=length)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("speaks", SPEAKS)
async def test_no_answer_shows_it(
    sqlite_store: Store, upstream: StandIn, speaks: str, path: str, *, streamed: bool
) -> None:
    upstream.default = proxied
    customer = await open_customer(sqlite_store, "1")
    entry = {**upstream.entry("up"), "models": {"m": MODEL}, **SPEAKS[speaks]}
    body = {**BODIES[path], "model": "m", "stream": streamed}
    if streamed and path == "/v1/chat/completions":
        body["stream_options"] = {"include_usage": True}
    upstreams = orjson.dumps([entry]).decode()
    async with running(sqlite_store, pricing={"m": PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        answer = await instance.client.post(path, headers=customer.bearer, json=body)
    assert answer.status_code == 200, answer.text
    assert "Hello" in answer.text
    assert "secret" not in answer.text
    assert "_hidden" not in answer.text
