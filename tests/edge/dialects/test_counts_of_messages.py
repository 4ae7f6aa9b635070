"""What a stream of Anthropic's reports is read alike, whether it was asked for or came in place of a whole message: the
largest of each count, and the placeholder of its first event for none."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.storage import Store
from tests.edge.dialects.conftest import PRICE
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import Reply, StandIn, raw

WORDS = 30
PATHS = ["/v1/messages", "/v1/chat/completions", "/v1/responses"]


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def instance(sqlite_store: Store, stand_in: StandIn) -> AsyncIterator[Instance]:
    entry = {**stand_in.entry("a"), "speaks": ["messages"], "models": {"gpt-4o": "m"}}
    upstreams = orjson.dumps([entry]).decode()
    async with running(sqlite_store, pricing={"gpt-4o": PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        yield instance


def reporting(first: Any, last: Any) -> Reply:
    """A stream with these reports, of which `None` is none."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": first}
    at: dict[str, Any] = {"index": 0}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", **at, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", **at, "delta": {"type": "text_delta", "text": " word"}}] * WORDS,
        {"type": "content_block_stop", **at},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, **({} if last is None else {"usage": last})},
        {"type": "message_stop"},
    ]
    return raw(*map(named_event, events), headers={"content-type": "text/event-stream"})


async def tokens_of(instance: Instance, customer: Customer, path: str, stream: bool) -> tuple[int, int, str]:
    """What a request is charged for, and who counted it."""
    asked: dict[str, Any] = {"model": "gpt-4o", "stream": stream, "messages": [{"role": "user", "content": "Hello"}]}
    if path == "/v1/messages":
        asked["max_tokens"] = 99
    elif path == "/v1/responses":
        asked["input"] = asked.pop("messages")
    answer = await instance.client.post(path, json=asked, headers=customer.bearer)
    assert answer.status_code == 200, answer.text
    at = f"/v1/receipts/{answer.headers['x-farebox-receipt']}"
    receipt = (await instance.client.get(at, headers=customer.bearer)).json()
    tokens = receipt["tokens"]
    return tokens["prompt"], tokens["completion"], receipt["usage_source"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_a_later_zero_takes_nothing_back(
    instance: Instance, stand_in: StandIn, customer: Customer, path: str, stream: bool
) -> None:
    first = {"input_tokens": 5_000, "output_tokens": 1, "cache_read_input_tokens": 7}
    for last in ({"input_tokens": 0, "output_tokens": 40}, {"input_tokens": "many", "output_tokens": 40}):
        stand_in.script(reporting(first, last))
        assert await tokens_of(instance, customer, path, stream) == (5_007, 40, "provider")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_a_completion_of_which_only_the_first_event_tells_is_counted(
    instance: Instance, stand_in: StandIn, customer: Customer, path: str, stream: bool
) -> None:
    stand_in.script(reporting({"input_tokens": 50, "output_tokens": 1}, None))
    assert await tokens_of(instance, customer, path, stream) == (50, WORDS, "counted")
