"""A real LiteLLM proxy as upstream: every kind of call, and the death of one of two in the middle of a load."""

import asyncio
from typing import Any

import httpx
import pytest

from functions.farebox.pricing.bill import recompute
from tests.interop.conftest import Interop
from tests.support.money.wallet_books import books_of
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.timeout(900)

MESSAGES = [{"role": "user", "content": "Hello"}]
LOAD = 200
WAVE = 20
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


async def ask(
    client: httpx.AsyncClient, interop: Interop, path: str = "chat/completions", **body: Any
) -> httpx.Response:
    return await client.post(f"{interop.url}/v1/{path}", json=body, headers=interop.customer.bearer, timeout=60)


async def charges_are_receipts(client: httpx.AsyncClient, interop: Interop, answers: list[httpx.Response]) -> None:
    """Each answer has a receipt that recomputes to its charge, and together they are what the wallet lost."""
    total = 0
    for answer in answers:
        path = f"{interop.url}/v1/receipts/{answer.headers['x-request-id']}"
        receipt = (await client.get(path, headers=interop.customer.bearer)).json()
        assert receipt["status"] == "ok"
        assert receipt["usage_source"] == "provider"
        assert recompute(receipt["bill"]) > 0
        total += recompute(receipt["bill"])
    books = await books_of(interop.store, interop.customer.uid)
    assert -sum(books.usage) == total
    assert len(books.records) == len(answers)


async def test_it_serves_every_kind_of_call_at_what_it_reports(interop: Interop) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        plain = await ask(client, interop, model="plain", messages=MESSAGES)
        assert plain.json()["choices"][0]["message"]["content"] == "Hello from LiteLLM"
        streamed = await ask(client, interop, model="plain", messages=MESSAGES, stream=True)
        assert streamed.text.endswith("data: [DONE]\n\n")
        assert '"usage":{' not in streamed.text.replace(" ", ""), "nobody asked for usage"
        tools = await ask(client, interop, model="tools", messages=MESSAGES, tools=[WEATHER])
        [call] = tools.json()["choices"][0]["message"]["tool_calls"]
        assert call["function"]["name"] == "weather"
        vectors = await ask(client, interop, "embeddings", model="vectors", input="Hello")
        assert vectors.json()["data"][0]["embedding"] == [0.1, 0.2, 0.3]
        await charges_are_receipts(client, interop, [plain, streamed, tools, vectors])


async def test_no_request_that_had_not_begun_fails_when_one_of_two_is_killed(interop: Interop) -> None:
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=WAVE), timeout=PATIENCE_S) as client:
        asking = [asyncio.create_task(ask(client, interop, model="plain", messages=MESSAGES)) for _ in range(LOAD)]
        while sum(task.done() for task in asking) < LOAD // 4:
            await asyncio.sleep(0.01)
        interop.proxies[0].process.kill()
        answers = await asyncio.gather(*asking)
        assert [answer.status_code for answer in answers] == [200] * LOAD
        assert "litellm-2" in answers[-1].headers["x-farebox-upstream"]
        await charges_are_receipts(client, interop, answers)
