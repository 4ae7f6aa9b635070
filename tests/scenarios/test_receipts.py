"""Whatever a request comes to, its charge is what its receipt recomputes to and what the balance went down by."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import recompute
from tests.scenarios.shop import MESSAGES, Shop, usage
from tests.support.clients.asgi import refused
from tests.support.clients.streams import told_by, wanting
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import Books, books_of, clean_audit
from tests.support.stand_ins.upstream import Reply, completion, drop, embedding, raw, status, stream

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRICE = {
    "input_usd_per_1m": "3.03",
    "cached_input_usd_per_1m": "0.307",
    "cache_write_usd_per_1m": "3.7511",
    "output_usd_per_1m": "15.00001",
    "reasoning_usd_per_1m": "12.13",
    "request_usd": "0.000000321",
}
CREDIT = 10_000_000_000
CALL = {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Berlin"}'}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]

ANSWERED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # what the client sends, how the upstream answers
    "plainly": ({}, {}),
    "in several choices": ({"n": 3}, {"n": 3, "usage": usage(11, 33)}),
    "within a cap": ({"max_tokens": 20}, {"usage": usage(11, 20)}),
    "over a cap": ({"max_completion_tokens": 20}, {"usage": usage(11, 2011)}),
    "from a cache": ({}, {"usage": usage(1013, 7, cached_tokens=1001)}),
    "into a cache": ({}, {"usage": usage(1013, 7, cached_tokens=11, cache_write_tokens=997)}),
    "after reasoning": ({"reasoning_effort": "high"}, {"usage": usage(13, 1009, out_reasoning_tokens=991)}),
    "after reasoning that is counted beside": ({}, {"usage": usage(13, 7, total=1019)}),
    "without usage": ({}, {"usage": None}),
    "without usage, in several choices": ({"n": 2}, {"usage": None, "n": 2}),
    "with a usage of zero": ({}, {"usage": usage(0, 0)}),
    "with one token": ({}, {"usage": usage(1, 0)}),
}
MODELS = {"gpt-4o-answers": PRICE, "gpt-4o-tools": PRICE, "embedder": PRICE, "gpt-4o-overrun": PRICE}


async def check(shop: Shop, customer: Customer, answer: Any, before: int) -> int:
    """Hold that an answer says what its receipt recomputes to and what the balance went down by; answers that."""
    assert answer.status_code == 200, answer.text
    charged, balance = told_by(answer)
    receipt = await shop.receipt(customer, answer)
    cost = recompute(receipt["bill"])
    assert parse_usd(receipt["cost_usd"]) == parse_usd(receipt["bill"]["total_usd"]) == cost
    assert parse_usd(receipt["charged_usd"]) == charged
    assert charged + parse_usd(receipt["shortfall_usd"]) == cost
    assert balance == before - charged
    return charged


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_every_answer_is_charged_what_its_receipt_recomputes_to(shop: Shop, streamed: bool) -> None:
    lane = shop.lanes["gpt-4o-answers"]
    customer = await shop.customer("10")
    charges: list[int] = []
    for fields, reply in ANSWERED.values():
        lane.upstream.script(stream(**reply) if streamed else completion(**reply))
        answer = await shop.ask(customer, lane.model, **fields, **wanting(streamed=streamed))
        charges.append(await check(shop, customer, answer, CREDIT - sum(charges)))
    books = await books_of(shop.store, customer.uid)
    assert books.balance == CREDIT - sum(charges)
    assert sorted(charges) == sorted(record["charged"] for record in books.records)
    assert min(charges) == 321, "the fee for a request is due whatever it used"
    await clean_audit(shop.store)


async def test_a_call_of_a_tool_is_charged_what_its_receipt_recomputes_to(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-tools"]
    customer = await shop.customer("0.25")
    before = left = parse_usd("0.25")
    for report in (usage(57, 17), None):
        lane.upstream.script(completion(usage=report, message={"content": None, "tool_calls": [CALL]}))
        answer = await shop.ask(customer, lane.model, tools=TOOLS)
        left -= await check(shop, customer, answer, left)
    assert (await books_of(shop.store, customer.uid)).balance == left < before


async def test_embeddings_are_charged_what_their_receipt_recomputes_to(shop: Shop) -> None:
    lane = shop.lanes["embedder"]
    customer = await shop.customer("0.005")
    lane.upstream.script(embedding(usage={"prompt_tokens": 17, "total_tokens": 17}))
    body = {"model": lane.model, "input": "Hello"}
    answer = await shop.client.post("/v1/embeddings", json=body, headers=customer.bearer)
    assert await check(shop, customer, answer, 5_000_000) == 17 * 3030 + 321
    assert (await books_of(shop.store, customer.uid)).balance == 5_000_000 - 17 * 3030 - 321


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_an_overrun_takes_what_is_left_and_the_rest_is_the_operators_shortfall(
    shop: Shop, streamed: bool
) -> None:
    lane = shop.lanes["gpt-4o-overrun"]
    report = usage(10, 500)
    lane.upstream.script(stream(usage=report) if streamed else completion(usage=report))
    customer = await shop.customer("0.0025")
    fields = {"max_tokens": 20, **wanting(streamed=streamed)}
    answer = await shop.ask(customer, lane.model, **fields)
    assert await check(shop, customer, answer, 2_500_000) == 2_500_000
    receipt = await shop.receipt(customer, answer)
    assert parse_usd(receipt["shortfall_usd"]) == 10 * 3030 + 7_500_005 + 321 - 2_500_000
    books = await books_of(shop.store, customer.uid)
    assert (books.balance, books.usage) == (0, [-2_500_000])
    refused(await shop.ask(customer, lane.model), 402, "credit_balance_exhausted")
    await clean_audit(shop.store)


@dataclass(frozen=True)
class Failure:
    """A way for a request to fail. `reply` is what both upstreams say, if they are asked at all."""

    status: int
    code: str
    reply: Reply | None = None
    fields: dict[str, Any] | None = None
    param: str | None = None


LONG = [{"role": "user", "content": "one two three four five " * 200}]
GARBAGE = raw(b"<html>Bad gateway</html>", headers={"content-type": "application/json"})
FAULT = {"message": "No such thing.", "type": "invalid_request_error", "param": "tools", "code": "bad_tools"}
FAILURES = {
    "no-messages": Failure(400, "missing_field", fields={"messages": None}, param="messages"),
    "bad-cap": Failure(400, "invalid_value", fields={"max_tokens": 0}, param="max_tokens"),
    "gpt-4o-too-long": Failure(400, "context_length_exceeded", fields={"messages": LONG}, param="messages"),
    "no-such-model": Failure(404, "model_not_found", fields={"model": "nobody-has-this"}, param="model"),
    "not-for-this-key": Failure(403, "model_not_allowed", param="model"),
    "upstream-refuses": Failure(400, "bad_tools", status(400, error=FAULT), param="tools"),
    "upstream-key": Failure(502, "upstream_error", status(401)),
    "upstream-fails": Failure(502, "upstream_error", status(500)),
    "upstream-drops": Failure(502, "upstream_error", drop()),
    "upstream-babbles": Failure(502, "upstream_error", GARBAGE),
    "upstream-begins-badly": Failure(502, "upstream_error", stream(error_after=0), fields={"stream": True}),
    "upstream-is-full": Failure(503, "upstream_unavailable", status(429)),
    "upstream-sleeps": Failure(504, "upstream_timeout", completion(delay_s=30)),
}
MODELS |= {name: {**PRICE, "context_tokens": "400"} for name in FAILURES}
UPSTREAM_OPTIONS = {"upstream-sleeps": {"timeout_s": 1.5}}


async def nothing_happened(shop: Shop, customer: Customer, credit: int) -> Books:
    books = await books_of(shop.store, customer.uid)
    assert (books.balance, books.usage) == (credit, [])
    assert all((record["status"], record["cost"]) == ("error", 0) for record in books.records)
    return books


@pytest.mark.parametrize("name", FAILURES)
async def test_a_request_that_fails_changes_nothing(shop: Shop, name: str) -> None:
    lane, failure = shop.lanes[name], FAILURES[name]
    models = ["embedder"] if failure.code == "model_not_allowed" else None
    customer = await shop.customer("0.05", models=models)
    if failure.reply is not None:
        lane.upstream.script(failure.reply)
        lane.spare.script(failure.reply)
    answer = await shop.ask(customer, **{"model": lane.model, **(failure.fields or {})})
    refused(answer, failure.status, failure.code, failure.param)
    books = await nothing_happened(shop, customer, 50_000_000)
    asked = lane.upstream.requests + lane.spare.requests
    assert bool(asked) == bool(books.records) == (failure.reply is not None)


async def test_a_request_that_is_not_let_in_changes_nothing(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-answers"]
    asked = len(lane.upstream.requests)
    path, body = "/v1/chat/completions", {"model": lane.model, "messages": MESSAGES}
    customer = await shop.customer("0.05")
    poor = await shop.customer("0.000001")
    refused(await shop.client.post(path, content=b"{", headers=customer.bearer), 400, "malformed_json")
    refused(await shop.client.post(path, content=b"[]", headers=customer.bearer), 400, "invalid_body")
    refused(await shop.client.post(path, json=body), 401, "invalid_api_key")
    forged = {"authorization": f"Bearer {customer.key[:-1]}{'x' if customer.key[-1] != 'x' else 'y'}"}
    refused(await shop.client.post(path, json=body, headers=forged), 401, "invalid_api_key")
    answer = await shop.ask(poor, lane.model)
    refused(answer, 402, "credit_balance_exhausted")
    assert answer.headers["x-should-retry"] == "false"
    await nothing_happened(shop, customer, 50_000_000)
    await nothing_happened(shop, poor, 1000)
    assert len(lane.upstream.requests) == asked
    refused(await shop.client.get("/v1/receipts/x", headers=customer.bearer), 404, "not_found", "request_id")


async def test_a_receipt_is_its_owners_alone(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-answers"]
    owner, other = await shop.customer(), await shop.customer()
    lane.upstream.script(completion())
    answer = await shop.ask(owner, lane.model)
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    refused(await shop.client.get(path, headers=other.bearer), 404, "not_found", "request_id")
    body = (await shop.client.get(path, headers=owner.bearer)).content
    assert orjson.loads(body)["request_id"] == answer.headers["x-request-id"]
