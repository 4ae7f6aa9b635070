"""One account's requests, however many it has at once, leave room for those of others."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, completion

CONNECTIONS = 10
HELLO = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": HELLO},
    "/v1/messages": {"messages": HELLO, "max_tokens": 20},
    "/v1/responses": {"input": "Hello"},
}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.mark.parametrize("path", ASKED)
async def test_who_has_nearly_all_places_gets_no_more_and_others_do(
    sqlite_store: Store, upstream: StandIn, path: str
) -> None:
    async def ask(instance: Instance, customer: Customer) -> int:
        body = {"model": "test-model", **ASKED[path]}
        answer = await instance.client.post(path, headers=customer.bearer, json=body)
        if answer.status_code == 503:
            assert "server_busy" in answer.text or path == "/v1/messages"
            assert int(answer.headers["retry-after"]) > 0
        return answer.status_code

    go_on = asyncio.Event()
    upstream.default = replace(completion(), after=go_on.wait)
    one, other = [await open_customer(sqlite_store, "100") for _ in "ab"]
    places = str(CONNECTIONS)
    pricing = {"test-model": {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
    async with running(sqlite_store, pricing=pricing, upstream=upstream, FAREBOX_MAX_CONNECTIONS=places) as instance:
        waiting = [asyncio.create_task(ask(instance, one)) for _ in range(8)]
        await upstream.asked(8)
        assert await ask(instance, one) == 503
        others = asyncio.create_task(ask(instance, other))
        await upstream.asked(9)
        go_on.set()
        assert await asyncio.gather(*waiting, others) == [200] * 9
        assert await ask(instance, one) == 200
