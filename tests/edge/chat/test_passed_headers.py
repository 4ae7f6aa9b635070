"""What of a client's headers goes upstream, in every dialect, whole and streamed."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, embedding

SAID = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": SAID}),
    "messages": ("/v1/messages", {"messages": SAID, "max_tokens": 100}),
    "responses": ("/v1/responses", {"input": "Hello"}),
    "embeddings": ("/v1/embeddings", {"input": "Hello"}),
}
CASES = [(dialect, stream) for dialect in ASKED for stream in (False, True) if dialect != "embeddings" or not stream]
TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"
GIVEN = {
    "anthropic-beta": "context-1m-2025-08-07",
    "OpenAI-Organization": "org_1",
    "OpenAI-Project": "proj_1",
    "x-other": "1",
    "cookie": "session=1",
    "x-request-id": "mine-1",
    "traceparent": TRACE,
}
PRICING = {"m": {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    entry = upstream.entry(
        "up", "m", api_key="sk-up", headers={"x-title": "Mine"}, pass_headers=["anthropic-beta", "openai-organization"]
    )
    async with running(sqlite_store, pricing=PRICING, FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode()) as instance:
        yield instance


@pytest.mark.parametrize(("dialect", "stream"), CASES)
async def test_an_upstream_has_the_trace_the_request_id_and_those_headers_that_it_is_to_have(
    sqlite_store: Store, instance: Instance, upstream: StandIn, dialect: str, stream: bool
) -> None:
    customer = await open_customer(sqlite_store, "1")
    path, body = ASKED[dialect]
    if dialect == "embeddings":
        upstream.script(embedding())
    asked = {"model": "m", **body, **({"stream": True} if stream else {})}
    answer = await instance.client.post(path, headers={**customer.bearer, **GIVEN}, json=asked)
    assert answer.status_code == 200, answer.text
    sent = upstream.last.headers
    assert sent["anthropic-beta"] == "context-1m-2025-08-07"
    assert sent["openai-organization"] == "org_1"
    assert (sent["x-request-id"], sent["traceparent"]) == ("mine-1", TRACE)
    assert (sent["authorization"], sent["x-title"]) == ("Bearer sk-up", "Mine")
    assert not {"openai-project", "x-other", "cookie"} & {name.lower() for name in sent}


async def test_a_kept_answer_is_of_the_same_headers_as_far_as_they_were_sent_on(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "1")

    async def ask(**headers: str) -> str:
        sent = {**customer.bearer, "x-farebox-cache": "on", **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = await instance.client.post(ASKED["chat"][0], headers=sent, json={"model": "m", "messages": SAID})
        return answer.headers["x-farebox-cache"]

    assert [await ask(), await ask(), await ask(x_other="1")] == ["miss", "hit", "hit"]
    assert [await ask(anthropic_beta="a"), await ask(anthropic_beta="a"), await ask(anthropic_beta="b")] == [
        "miss",
        "hit",
        "miss",
    ]
