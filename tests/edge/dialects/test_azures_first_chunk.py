"""A stream whose first chunk has neither id nor model nor choices, as Azure's has, and answers that never have them."""

import re
from typing import Any

import orjson
import pytest

from tests.support.clients.vendor_sdks import anthropic_of, openai_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import DONE, USAGE, Reply, StandIn, json_reply, raw

FILTERED = {"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}}}
FIRST = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [FILTERED]}
HELLO: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}


def azures(*, told: bool = True, split: int | None = None) -> Reply:
    """Its stream; where the rest of it is not `told` either, no chunk has an id or a model."""
    head = {"id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 7, "model": "gpt-4o-2024-08-06"}
    if not told:
        head |= {"id": "", "created": 0, "model": ""}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo"}, {}]
    choices = [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"} for delta in deltas]
    chunks = [FIRST, *({**head, "choices": [choice]} for choice in choices), {**head, "choices": [], "usage": USAGE}]
    events = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks]
    return raw(*events, DONE, headers={"content-type": "text/event-stream"}, split=split)


def whole() -> Reply:
    """A completion without an id, a time or a model."""
    message = {"role": "assistant", "content": "Hello"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "", "object": "chat.completion", "created": 0, "model": "", "choices": [choice], "usage": USAGE}
    return json_reply(body)


@pytest.mark.parametrize("split", [None, 50, 5000])
@pytest.mark.parametrize("told", [True, False])
async def test_every_chunk_of_a_chat_has_the_public_name(
    instance: Instance, customer: Customer, upstream: StandIn, told: bool, split: int | None
) -> None:
    upstream.default = azures(told=told, split=split)
    body = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
    answer = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json=body)
    chunks = [orjson.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n")[:-2]]
    assert [chunk["model"] for chunk in chunks] == ["test-model"] * 6
    assert "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]) == "Hello"
    assert chunks[-1]["usage"]["total_tokens"] == 21


async def test_a_whole_chat_has_it_too(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.default = whole()
    answer = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json=HELLO)
    assert answer.json()["model"] == "test-model"


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "streamed"])
async def test_a_response_has_an_id_of_its_own(
    instance: Instance, customer: Customer, upstream: StandIn, is_stream: bool
) -> None:
    upstream.default = azures() if is_stream else whole()
    client, seen = openai_of(instance, customer), set()
    for _ in range(2):
        if is_stream:
            async with client.responses.stream(model="test-model", input="Hello") as events:
                response: Any = await events.get_final_response()
        else:
            response = await client.responses.create(model="test-model", input="Hello")
        assert (response.model, response.output_text) == ("test-model", "Hello")
        assert response.created_at > 1_700_000_000
        [item] = response.output
        assert re.fullmatch("msg_[0-9a-f]{24}_0", item.id)
        seen.add(response.id)
    assert len(seen) == 2
    assert "resp_" not in seen


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "streamed"])
async def test_a_message_has_an_id_of_its_own(
    instance: Instance, customer: Customer, upstream: StandIn, is_stream: bool
) -> None:
    upstream.default = azures() if is_stream else whole()
    client, seen = anthropic_of(instance, customer), set()
    for _ in range(2):
        if is_stream:
            async with client.messages.stream(**HELLO, max_tokens=64) as events:
                message = await events.get_final_message()
        else:
            message = await client.messages.create(**HELLO, max_tokens=64)
        assert message.model == "test-model"
        seen.add(message.id)
    assert len(seen) == 2
    assert "msg_" not in seen
