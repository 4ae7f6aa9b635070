"""Fallback models: another model answers, and it is priced, held for and named as the one that does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import charge, recompute
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Store
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import USAGE, Pause, Reply, StandIn, raw, status, stream

A, B, C = "asked", "bigger", "other"
PRICING: dict[str, dict[str, Any]] = {
    A: {"input_usd_per_1m": "1", "output_usd_per_1m": "2", "context_tokens": 2_000, "max_output_tokens": 500},
    B: {"input_usd_per_1m": "10", "output_usd_per_1m": "20", "context_tokens": 50_000, "max_output_tokens": 4_000},
    C: {"input_usd_per_1m": "3", "output_usd_per_1m": "6"},
}
HELLO: dict[str, Any] = {"model": A, "messages": [{"role": "user", "content": "Hello"}]}
LONG: dict[str, Any] = {"model": A, "messages": [{"role": "user", "content": "word " * 5_000}]}
CONTEXT = status(400, error={"code": "context_length_exceeded"}, message="too long for me")
REFUSED = status(400, error={"code": "content_filter"}, message="filtered")
BOTH = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])


@pytest.fixture
async def stand_ins() -> AsyncIterator[dict[str, StandIn]]:
    """An upstream for each model."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(StandIn()) for name in (A, B, C)}


def settings(stand_ins: dict[str, StandIn], fallbacks: object, **more: Any) -> dict[str, Any]:
    entries = [one.entry(f"up-{name}", name) for name, one in stand_ins.items()]
    return {
        "FAREBOX_UPSTREAMS": orjson.dumps(entries).decode(),
        "FAREBOX_FALLBACKS": orjson.dumps(fallbacks).decode(),
        **{name: orjson.dumps(value).decode() for name, value in more.items()},
    }


async def asked(instance: Instance, customer: Customer, body: dict[str, Any], *, streamed: bool) -> httpx.Response:
    return await instance.ask(customer.bearer, {**body, "stream": True} if streamed else body)


async def receipt_of(instance: Instance, customer: Customer, answer: httpx.Response) -> dict[str, Any]:
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    found: dict[str, Any] = (await instance.client.get(path, headers=customer.bearer)).json()
    return found


def most(model: str, prompt_bytes: int, cap: int) -> int:
    """At least what a hold must have for a model, in nano-USD."""
    price = Price.from_config(model, PRICING[model])
    return prompt_bytes * price.input // 1_000_000 + cap * price.output // 1_000_000


@BOTH
@pytest.mark.parametrize("reply", [CONTEXT, REFUSED, status(503), status(401)])
async def test_the_one_that_answers_is_named_priced_and_held_for(
    sqlite_store: Store, stand_ins: dict[str, StandIn], reply: Reply, streamed: bool
) -> None:
    stand_ins[A].default = reply
    usage = read_usage(USAGE)
    assert usage is not None
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B, C]})) as instance:
        customer = await open_customer(sqlite_store, "10")
        answer = await asked(instance, customer, HELLO, streamed=streamed)
        receipt = await receipt_of(instance, customer, answer)
    assert answer.status_code == 200, answer.text
    assert f'"model":"{B}"' in answer.text
    assert answer.headers["x-farebox-upstream"] == f"up-{A}, up-{B}"
    assert (receipt["model"], receipt["answered_model"], receipt["upstream"]) == (A, B, f"up-{B}")
    assert receipt["bill"]["model"] == B
    expected = charge(Price.from_config(B, PRICING[B]), usage).total
    assert parse_usd(receipt["charged_usd"]) == recompute(receipt["bill"]) == expected
    assert (stand_ins[A].last.json["max_tokens"], stand_ins[B].last.json["max_tokens"]) == (500, 4_000)
    assert parse_usd(receipt["held_usd"]) >= most(B, 5, 4_000)
    assert not stand_ins[C].requests


@BOTH
async def test_a_prompt_that_is_too_long_for_a_model_goes_to_the_next_at_once(
    sqlite_store: Store, stand_ins: dict[str, StandIn], streamed: bool
) -> None:
    async with running(
        sqlite_store, pricing=PRICING, **settings(stand_ins, {A: {"context": [B]}, C: {"context": [A]}})
    ) as instance:
        customer = await open_customer(sqlite_store, "10")
        answer = await asked(instance, customer, LONG, streamed=streamed)
        receipt = await receipt_of(instance, customer, answer)
    assert answer.status_code == 200, answer.text
    assert not stand_ins[A].requests
    assert (receipt["model"], receipt["answered_model"], receipt["bill"]["model"]) == (A, B, B)
    assert parse_usd(receipt["held_usd"]) >= most(B, 5_000, 4_000)


@pytest.mark.parametrize("fallbacks", [{}, {A: {"refused": [B], "unavailable": [B]}}, {B: [A]}])
async def test_without_one_for_that_reason_it_is_refused(
    sqlite_store: Store, stand_ins: dict[str, StandIn], fallbacks: object
) -> None:
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, fallbacks)) as instance:
        customer = await open_customer(sqlite_store, "10")
        answer = await instance.ask(customer.bearer, LONG)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    assert "2000 tokens" in answer.json()["error"]["message"]
    assert not any(one.requests for one in stand_ins.values())


async def test_a_key_that_may_not_use_a_fallback_is_not_answered_by_it(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    stand_ins[A].default = status(500)
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B, C]})) as instance:
        customer = await open_customer(sqlite_store, "10", models=[A, C])
        answer = await instance.ask(customer.bearer, HELLO)
        stand_ins[C].default = status(500)
        failed = await instance.ask(customer.bearer, HELLO)
        too_long = await instance.ask(customer.bearer, LONG)
    assert answer.json()["model"] == C
    assert failed.status_code == 502
    assert too_long.status_code == 502  # C has no context of its own in the list, and fails
    assert not stand_ins[B].requests


async def test_one_without_a_price_for_what_is_asked_or_for_anything_is_no_candidate(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    stand_ins[A].default = status(500)
    pricing = {A: {**PRICING[A], "search_usd": "0.01"}, C: {**PRICING[C], "search_usd": "0.02"}}
    searching = {**HELLO, "web_search_options": {}}
    for priced, answers in (({**pricing, B: PRICING[B]}, C), ({A: pricing[A], B: PRICING[B]}, None)):
        settled = settings(stand_ins, {A: [B, C]})
        async with running(sqlite_store, pricing=priced, FAREBOX_SEED="force", **settled) as instance:
            customer = await open_customer(sqlite_store, "10")
            answer = await instance.ask(customer.bearer, searching)
        if answers is not None:
            assert answer.json()["model"] == answers
        assert not stand_ins[B].requests


async def test_a_wallet_that_cannot_pay_for_a_fallback_still_pays_for_what_was_asked(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    """What is held for 500 tokens of A pays for some of B."""
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B]})) as instance:
        customer = await open_customer(sqlite_store, "0.002")
        answer = await instance.ask(customer.bearer, HELLO)
        assert answer.json()["model"] == A
        stand_ins[A].default = status(500)
        answer = await instance.ask(customer.bearer, HELLO)
        receipt = await receipt_of(instance, customer, answer)
    assert answer.json()["model"] == B
    cap = stand_ins[B].last.json["max_tokens"]
    assert 16 <= cap < 100
    assert most(B, 0, cap) <= parse_usd(receipt["held_usd"]) <= parse_usd("0.002")
    books = await books_of(sqlite_store, customer.uid)
    assert books.balance >= 0
    assert not any(record["shortfall"] for record in books.records)


async def test_nothing_is_left_reserved_and_nothing_charged_where_all_fail(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    for one in stand_ins.values():
        one.default = status(503)
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B, C]})) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, HELLO)
    assert answer.status_code == 502
    assert answer.headers["x-farebox-upstream"] == f"up-{A}, up-{B}, up-{C}"
    assert (await books_of(sqlite_store, customer.uid)).balance == parse_usd("1")


async def test_a_fallbacks_stream_without_a_report_is_counted_at_its_own_price(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    stand_ins[A].default = status(503)
    stand_ins[B].default = stream(10, usage=None)
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B]})) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await asked(instance, customer, HELLO, streamed=True)
        receipt = await receipt_of(instance, customer, answer)
    assert receipt["usage_source"] in ("counted", "estimated")
    assert receipt["bill"]["model"] == B
    assert receipt["tokens"]["completion"] >= 10


async def test_a_fallback_that_breaks_its_whole_answer_is_a_loss_in_its_own_name(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    stand_ins[A].default = status(503)
    stand_ins[B].default = raw(b'{"choices": [', headers={"content-type": "application/json"})
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B, C]})) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, HELLO)
    assert answer.status_code == 502
    assert not stand_ins[C].requests
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert (record["charged"], record["upstream"]) == (0, f"up-{B}")
    assert record["bill"]["model"] == B
    assert record["shortfall"] + record["lost"] >= most(B, 0, 4_000)


@BOTH
async def test_another_models_answer_is_not_kept_as_a_models_own(
    sqlite_store: Store, stand_ins: dict[str, StandIn], streamed: bool
) -> None:
    body = {**HELLO, "temperature": 0}
    stand_ins[A].script(REFUSED)
    cache = {"models": ["*"]}
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B]}, FAREBOX_CACHE=cache)) as instance:
        customer = await open_customer(sqlite_store, "1")
        answers = [await asked(instance, customer, body, streamed=streamed)]
        for _ in range(2):
            answers += [await asked(instance, customer, body, streamed=streamed)]
        long = [await asked(instance, customer, {**LONG, "temperature": 0}, streamed=streamed) for _ in range(2)]
    assert [answer.headers["x-farebox-cache"] for answer in (*answers, *long)] == ["miss", "miss", "hit", "miss", "hit"]
    named = [next(name for name in (A, B) if f'"model":"{name}"' in each.text) for each in (*answers, *long)]
    assert named == [B, A, A, B, B]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/responses", "/v1/embeddings"])
async def test_it_holds_in_every_dialect(sqlite_store: Store, stand_ins: dict[str, StandIn], path: str) -> None:
    stand_ins[A].default = status(503)
    bodies: dict[str, dict[str, Any]] = {
        "/v1/messages": {"messages": HELLO["messages"], "max_tokens": 100},
        "/v1/responses": {"input": "Hello"},
        "/v1/embeddings": {"input": "Hello"},
    }
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: [B]})) as instance:
        customer = await open_customer(sqlite_store, "1")
        body = {"model": A, **bodies[path]}
        streams = (False,) if path == "/v1/embeddings" else (False, True)
        for streamed in streams:
            sent = {**body, "stream": True} if streamed else body
            answer = await instance.client.post(path, headers=customer.bearer, json=sent)
            assert answer.status_code == 200, answer.text
            assert f'"model":"{B}"' in answer.text
            assert f'"model":"{A}"' not in answer.text
    books = await books_of(sqlite_store, customer.uid)
    assert [record["bill"]["model"] for record in books.records] == [B] * len(streams)


async def test_hanging_up_on_a_fallback_is_charged_as_that_model(
    sqlite_store: Store, stand_ins: dict[str, StandIn]
) -> None:
    stand_ins[A].default = status(503)
    stand_ins[B].default = raw(Pause(), headers={"content-type": "text/event-stream"})
    settled = settings(stand_ins, {A: [B]})
    async with running(sqlite_store, pricing=PRICING, FAREBOX_DRAIN_S="0", **settled) as instance:
        customer = await open_customer(sqlite_store, "1")
        asking = asyncio.create_task(asked(instance, customer, HELLO, streamed=True))
        await stand_ins[B].asked()
        await asyncio.sleep(0.2)
        asking.cancel()
        await stand_ins[B].last.hang_up()
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["status"] == "aborted"
    assert record["bill"]["model"] == B
    assert record["charged"] > 0


async def test_a_model_that_nobody_has_is_told_at_the_first_start(
    sqlite_store: Store, stand_ins: dict[str, StandIn], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BadConfig, match=r"^FAREBOX_FALLBACKS: no upstream has gone"):
        async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: ["gone"]})) as instance:
            await instance.runtime.data_plane()
    async with running(sqlite_store, pricing=PRICING, **settings(stand_ins, {A: ["gone", B]})) as instance:
        stand_ins[A].default = status(503)
        customer = await open_customer(sqlite_store, "1")
        assert (await instance.ask(customer.bearer, HELLO)).json()["model"] == B
    assert "models that no upstream has: gone" in caplog.text
