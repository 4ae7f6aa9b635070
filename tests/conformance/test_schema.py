"""Answers, stream events and errors fit OpenAI's published description of them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from jsonschema import ValidationError

from functions.farebox.storage import Store
from tests.conformance.conftest import Place
from tests.support.clients.asgi import error_of
from tests.support.clients.streams import events_in, wanting
from tests.support.money.customers import Customer, open_customer
from tests.support.openai_schema import check_shape
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import Reply, StandIn, completion, status, stream

HELLO: dict[str, Any] = {"model": "echo", "messages": [{"role": "user", "content": "Hello there"}]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
COMPLETIONS: list[dict[str, Any]] = [
    {},
    {"n": 3},
    {"max_tokens": 2},
    {"tools": TOOLS, "tool_choice": "required"},
    {"response_format": {"type": "json_object"}},
]


@pytest.fixture
async def client(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=place.base_url, headers=place.payer.bearer, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


def check_events(answer: httpx.Response) -> list[dict[str, Any]]:
    """Hold every event of a stream that ended well to its schema; answers the chunks."""
    *events, done = events_in(answer)
    assert done == "[DONE]"
    chunks: list[dict[str, Any]] = [orjson.loads(event) for event in events]
    assert len(chunks) > 2
    for chunk in chunks:
        check_shape("CreateChatCompletionStreamResponse", chunk)
    return chunks


@pytest.mark.parametrize("fields", COMPLETIONS, ids=lambda fields: "-".join(fields) or "plain")
async def test_completions_and_stream_events_fit(client: httpx.AsyncClient, fields: dict[str, Any]) -> None:
    whole = await client.post("/chat/completions", json={**HELLO, **fields})
    check_shape("CreateChatCompletionResponse", whole.json())
    for options in ({"stream": True}, wanting(streamed=True)):
        check_events(await client.post("/chat/completions", json={**HELLO, **fields, **options}))


async def test_embeddings_and_models_fit(client: httpx.AsyncClient) -> None:
    embeddings = await client.post("/embeddings", json={"model": "echo-embedding", "input": ["Hello", "there"]})
    check_shape("CreateEmbeddingResponse", embeddings.json())
    check_shape("ListModelsResponse", (await client.get("/models")).json())
    check_shape("Model", (await client.get("/models/echo")).json())


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_refusals_fit(place: Place, client: httpx.AsyncClient, streamed: bool) -> None:
    body = {**HELLO, "stream": streamed}
    path = "/chat/completions"
    answers = {
        "malformed": await client.post(path, content=b"{"),
        "empty": await client.post(path, json={}),
        "wrong type": await client.post(path, json={**body, "messages": "Hello"}),
        "unknown model": await client.post(path, json={**body, "model": "gpt-99"}),
        "no key": await client.post(path, json=body, headers={"authorization": ""}),
        "bad key": await client.post(path, json=body, headers={"authorization": "Bearer fb-live-x-y"}),
        "forbidden": await client.post(path, json=body, headers=place.embedder.bearer),
        "no credit": await client.post(path, json=body, headers=place.pauper.bearer),
        "wrong method": await client.get(path),
        "wrong path": await client.post("/completely/else", json=body),
    }
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert sorted(statuses.values()) == [400, 400, 400, 401, 401, 402, 403, 404, 404, 405], statuses
    for answer in answers.values():
        error_of(answer)
        check_shape("ErrorResponse", answer.json())


async def ask_upstream(store: Store, upstream: StandIn, reply: Reply, **fields: Any) -> httpx.Response:
    """What a client gets when an upstream answers like this."""
    prices = {"test-model": {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
    customer: Customer = await open_customer(store, "1")
    upstream.default = reply
    async with running(store, pricing=prices, upstream=upstream) as instance:
        return await instance.ask(customer.bearer, {**HELLO, "model": "test-model", **fields})


async def test_a_usage_chunk_of_our_own_making_fits(sqlite_store: Store, upstream: StandIn) -> None:
    for reply in (stream(usage=None), stream(usage_in="empty_choice"), stream(usage_in="every_delta")):
        answer = await ask_upstream(sqlite_store, upstream, reply, **wanting(streamed=True))
        last = check_events(answer)[-1]
        assert last["choices"] == []
        check_shape("CompletionUsage", last["usage"])


async def test_the_error_that_ends_a_broken_stream_fits(sqlite_store: Store, upstream: StandIn) -> None:
    for reply in (stream(9, break_after=3), stream(9, error_after=3)):
        answer = await ask_upstream(sqlite_store, upstream, reply, stream=True)
        *chunks, last = events_in(answer)
        check_shape("ErrorResponse", orjson.loads(last))
        for chunk in chunks:
            check_shape("CreateChatCompletionStreamResponse", orjson.loads(chunk))


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500, 503])
async def test_an_upstreams_failure_fits_however_it_puts_it(sqlite_store: Store, upstream: StandIn, code: int) -> None:
    answer = await ask_upstream(sqlite_store, upstream, status(code, error={"param": 7, "type": None}))
    error_of(answer)
    check_shape("ErrorResponse", answer.json())


def test_what_does_not_fit_is_found() -> None:
    with pytest.raises(ValidationError):
        check_shape("ErrorResponse", {"error": {"message": "x", "type": "y", "code": None}})
    with pytest.raises(ValidationError):
        check_shape("CreateChatCompletionStreamResponse", {"object": "chat.completion.chunk", "choices": [{}]})
    with pytest.raises(ValidationError):
        check_shape("CreateChatCompletionResponse", {**orjson.loads(completion().steps[0]), "choices": None})  # type: ignore[arg-type]
