"""An upstream that answers whole where a stream was asked for, or with a stream where it was not, is understood: in its
own dialect its client has what it asked for, and pays the same."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.edge.dialects.conftest import PRICE
from tests.support.clients.vendor_sdks import anthropic_of, openai_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.sessions.hearing import Dialect
from tests.support.sessions.product import KINDS, entry_of, model_of
from tests.support.sessions.scenes import HELLO
from tests.support.sessions.upstream import ScriptedUpstream
from tests.support.stand_ins.upstream import Received, Reply, StandIn

MODELS: dict[Dialect, str] = {kind: model_of("gpt-5", "text", kind) for kind in KINDS}


def asked_otherwise(received: Received) -> Received:
    body = received.json
    if body.pop("stream", False) is False:
        body["stream"] = True
    body.pop("stream_options", None)
    received.body = orjson.dumps(body)
    return received


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    """Whatever is asked of its upstreams whole is streamed, and the other way round."""
    async with StandIn() as stand_in:
        session = ScriptedUpstream(speaks=KINDS)

        def answer(received: Received) -> Reply:
            return session.answer(asked_otherwise(received))

        stand_in.default = answer
        entries = [entry_of(stand_in, kind, ("gpt-5",)) for kind in MODELS]
        async with running(
            sqlite_store,
            pricing=dict.fromkeys(MODELS.values(), PRICE),
            FAREBOX_UPSTREAMS=orjson.dumps(entries).decode(),
        ) as instance:
            yield instance


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
async def test_responses(
    sqlite_store: Store, instance: Instance, customer: Customer, kind: Dialect, streamed: bool
) -> None:
    client = openai_of(instance, customer)
    asked: dict[str, Any] = {"model": MODELS[kind], "input": "Hello"}
    response: Any
    if streamed:
        async with client.responses.stream(**asked) as events:
            seen = [event.type async for event in events]
            response = await events.get_final_response()
        assert (seen[0], seen[-1]) == ("response.created", "response.completed")
        assert "response.output_text.delta" in seen
    else:
        response = await client.responses.create(**asked)
    assert response.output_text == HELLO
    assert response.model == MODELS[kind]
    await charged_as_reported(sqlite_store, customer)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
async def test_messages(
    sqlite_store: Store, instance: Instance, customer: Customer, kind: Dialect, streamed: bool
) -> None:
    client = anthropic_of(instance, customer)
    said: Any = [{"role": "user", "content": "Hello"}]
    message: Any
    if streamed:
        async with client.messages.stream(model=MODELS[kind], max_tokens=99, messages=said) as events:
            message = await events.get_final_message()
    else:
        message = await client.messages.create(model=MODELS[kind], max_tokens=99, messages=said)
    assert message.content[0].text == HELLO
    assert (message.model, message.stop_reason) == (MODELS[kind], "end_turn")
    await charged_as_reported(sqlite_store, customer)


async def charged_as_reported(store: Store, customer: Customer) -> None:
    """One request was charged, by what its upstream reported."""
    [record] = (await books_of(store, customer.uid)).records
    assert (record["status"], record["usage_source"]) == ("ok", "provider")
    assert record["charged"] > 0
