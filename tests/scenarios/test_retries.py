"""Retries: the same key and body is one upstream call and one charge (scenario 19)."""

import asyncio

import httpx
import pytest

from tests.scenarios.shop import MESSAGES, Shop
from tests.support.clients.streams import events_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.patience import PATIENCE_S
from tests.support.stand_ins.upstream import status, stream

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
MODELS = {
    f"gpt-4o-{lane}": PRICE for lane in ("plain", "streamed", "running", "other-body", "hung-up", "failed", "no-money")
}


async def ask(shop: Shop, customer: Customer, model: str, key: str, **fields: object) -> httpx.Response:
    body = {"model": model, "messages": MESSAGES, **fields}
    headers = {**customer.bearer, "idempotency-key": key}
    return await shop.client.post("/v1/chat/completions", json=body, headers=headers)


@pytest.mark.parametrize(
    ("model", "fields"),
    [("gpt-4o-plain", {}), ("gpt-4o-streamed", {"stream": True, "stream_options": {"include_usage": True}})],
)
async def test_a_retry_is_answered_alike_and_charged_once(shop: Shop, model: str, fields: dict[str, object]) -> None:
    customer = await shop.customer()
    first = await ask(shop, customer, model, "retry-1", **fields)
    second = await ask(shop, customer, model, "retry-1", **fields)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert second.headers["x-farebox-idempotent-replay"] == "true"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert len(shop.lanes[model].upstream.requests) == 1
    books = await books_of(shop.store, customer.uid)
    assert len(books.records) == 1
    assert books.usage == [-books.records[0]["charged"]]


async def test_a_retry_while_the_first_still_runs_is_told_so(shop: Shop) -> None:
    customer, lane = await shop.customer(), shop.lanes["gpt-4o-running"]
    lane.upstream.script(stream(["slow", "ly"], pause_s=1.0))
    first = asyncio.create_task(ask(shop, customer, lane.model, "retry-1", stream=True))
    while not lane.upstream.requests:
        await asyncio.sleep(0.01)
    second = await ask(shop, customer, lane.model, "retry-1", stream=True)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "in_progress")
    third = (await first, await ask(shop, customer, lane.model, "retry-1", stream=True))[1]
    assert third.status_code == 200
    assert len(lane.upstream.requests) == 1


async def test_a_key_that_comes_back_with_another_body_is_refused(shop: Shop) -> None:
    customer = await shop.customer()
    await ask(shop, customer, "gpt-4o-other-body", "retry-1")
    other = await ask(shop, customer, "gpt-4o-other-body", "retry-1", n=2)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_mismatch")
    assert len((await books_of(shop.store, customer.uid)).records) == 1


async def test_a_client_that_hung_up_comes_back_for_the_whole_answer(shop: Shop) -> None:
    customer, lane = await shop.customer(), shop.lanes["gpt-4o-hung-up"]
    lane.upstream.script(stream([f"w{n} " for n in range(20)], pause_s=0.02))
    body = {"model": lane.model, "messages": MESSAGES, "stream": True}
    headers = {**customer.bearer, "idempotency-key": "retry-1"}
    async with (
        httpx.AsyncClient(base_url=shop.url, timeout=PATIENCE_S) as client,
        client.stream("POST", "/v1/chat/completions", json=body, headers=headers) as response,
    ):
        async for _ in events_of(response):
            break  # and hang up
    for _ in range(100):
        again = await ask(shop, customer, lane.model, "retry-1", stream=True)
        if again.status_code != 409:
            break
        await asyncio.sleep(0.05)
    assert "w19" in again.text
    assert again.text.endswith("data: [DONE]\n\n")
    assert len(lane.upstream.requests) == 1
    [record] = (await books_of(shop.store, customer.uid)).records
    assert record["status"] == "ok"


async def test_a_failure_costs_nothing_and_its_key_may_be_tried_again(shop: Shop) -> None:
    customer, lane = await shop.customer(), shop.lanes["gpt-4o-failed"]
    for upstream in (lane.upstream, lane.spare):
        upstream.script(status(500))
    assert (await ask(shop, customer, lane.model, "retry-1")).status_code == 502
    await asyncio.sleep(1.1)  # the cool-down
    assert (await ask(shop, customer, lane.model, "retry-1")).status_code == 200
    books = await books_of(shop.store, customer.uid)
    assert sorted(record["status"] for record in books.records) == ["error", "ok"]
    assert len(books.usage) == 1


async def test_a_refusal_for_want_of_money_frees_the_key(shop: Shop) -> None:
    customer = await shop.customer("0")
    for _ in range(2):
        refused = await ask(shop, customer, "gpt-4o-no-money", "retry-1")
        assert refused.status_code == 402
    assert not shop.lanes["gpt-4o-no-money"].upstream.requests
