"""Upstreams that fail, and calls that are answered all the same: scenarios 5, 24 and 27."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import charge, recompute
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Query, Store
from functions.farebox.tokens.usage.reading import read_usage
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import USAGE, Received, Reply, StandIn, completion, status, stream

MODEL = "test-model"
PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
HELLO: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
async def stand_ins() -> AsyncIterator[list[StandIn]]:
    """Three upstreams, to be asked in order."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(StandIn()) for _ in range(3)]


def in_order(stand_ins: list[StandIn], **fields: Any) -> str:
    """For `FAREBOX_UPSTREAMS`: `up-0`, then `up-1`, then `up-2`."""
    entries = [one.entry(f"up-{n}", MODEL, priority=n, **fields) for n, one in enumerate(stand_ins)]
    return orjson.dumps(entries).decode()


async def receipt_of(instance: Instance, customer: Customer, answer: httpx.Response) -> dict[str, Any]:
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    found: dict[str, Any] = (await instance.client.get(path, headers=customer.bearer)).json()
    return found


async def test_an_error_in_the_first_event_of_a_stream_fails_over_and_costs_nothing(
    sqlite_store: Store, stand_ins: list[StandIn]
) -> None:
    stand_ins[0].default = stream(error_after=0)
    stand_ins[1].default = stream(["well", " done"])
    upstreams = in_order(stand_ins)
    async with running(sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, {**HELLO, "stream": True})
        receipt = await receipt_of(instance, customer, answer)
    assert "well" in answer.text
    assert "error" not in answer.text
    assert answer.text.endswith("data: [DONE]\n\n")
    assert answer.headers["x-farebox-upstream"] == "up-0, up-1"
    assert [(one["upstream"], one["outcome"]) for one in receipt["attempts"]] == [
        ("up-0", "failed"),
        ("up-1", "answered"),
    ]
    books = await books_of(sqlite_store, customer.uid)
    assert [record["charged"] for record in books.records] == [recompute(receipt["bill"])]


async def test_a_call_that_every_upstream_failed_names_all_that_were_asked_and_costs_nothing(
    sqlite_store: Store, stand_ins: list[StandIn]
) -> None:
    for one in stand_ins:
        one.default = status(500)
    upstreams = in_order(stand_ins)
    async with running(sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, HELLO)
        receipt = await receipt_of(instance, customer, answer)
    assert answer.status_code == 502
    assert answer.headers["x-farebox-upstream"] == "up-0, up-1, up-2"
    assert [one["status"] for one in receipt["attempts"]] == [500, 500, 500]
    assert receipt["charged_usd"] == "0.00"
    assert (await books_of(sqlite_store, customer.uid)).balance == parse_usd("1")


async def test_attempts_are_bounded_and_a_rate_limit_is_left_alone_as_long_as_it_asks(
    sqlite_store: Store, stand_ins: list[StandIn]
) -> None:
    for one in stand_ins:
        one.default = status(429, retry_after="120")
    upstreams = in_order(stand_ins)
    async with running(sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        answers = [await instance.ask(customer.bearer, HELLO) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [503] * 5
    assert all(100 < int(answer.headers["retry-after"]) <= 120 for answer in answers)
    assert [len(one.requests) for one in stand_ins] == [1, 1, 1]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_fallback_is_priced_as_the_model_that_answered(
    sqlite_store: Store, stand_ins: list[StandIn], streamed: bool
) -> None:
    dear, cheap = PRICE, {"input_usd_per_1m": "0.25", "output_usd_per_1m": "1.00"}
    first, second, _ = stand_ins
    first.script(status(500))
    entries = [
        first.entry("first", MODEL, priority=0, priced_as={MODEL: "dear"}),
        second.entry("second", MODEL, priority=1, priced_as={MODEL: "cheap"}),
    ]
    pricing = {"dear": dear, "cheap": cheap}
    upstreams = orjson.dumps(entries).decode()
    body = {**HELLO, "stream": True} if streamed else HELLO
    usage = read_usage(USAGE)
    assert usage is not None
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        listed = (await instance.client.get("/v1/models", headers=customer.bearer)).json()["data"]
        fallen_back = await receipt_of(instance, customer, await instance.ask(customer.bearer, body))
        await asyncio.sleep(1.0)  # until the first upstream is due for a probe
        answered = await receipt_of(instance, customer, await instance.ask(customer.bearer, body))
    assert [(one["id"], one["pricing"]["input_usd_per_1m"]) for one in listed] == [(MODEL, "2.50")]
    for receipt, name, entry in ((fallen_back, "cheap", cheap), (answered, "dear", dear)):
        assert receipt["bill"]["model"] == name
        assert receipt["price_version"] == receipt["bill"]["price_version"]
        expected = charge(Price.from_config(name, entry), usage).total
        assert parse_usd(receipt["charged_usd"]) == recompute(receipt["bill"]) == expected


async def test_a_model_of_which_one_upstream_has_no_price_is_refused(
    sqlite_store: Store, stand_ins: list[StandIn]
) -> None:
    upstreams = in_order(stand_ins[:1]), orjson.dumps([stand_ins[1].entry("b", MODEL, priced_as={MODEL: "none"})])
    entries = [entry for one in upstreams for entry in orjson.loads(one)]
    async with running(
        sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=orjson.dumps(entries).decode()
    ) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, HELLO)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert not any(one.requests for one in stand_ins)


async def test_nothing_fails_over_after_the_first_byte(sqlite_store: Store, stand_ins: list[StandIn]) -> None:
    stand_ins[0].default = stream(["half", " an", " answer"], break_after=2)
    upstreams = in_order(stand_ins)
    async with running(sqlite_store, pricing={MODEL: PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        answer = await instance.ask(customer.bearer, {**HELLO, "stream": True})
    assert "half" in answer.text
    assert '"upstream_error"' in answer.text
    assert "[DONE]" not in answer.text
    assert [len(one.requests) for one in stand_ins] == [1, 0, 0]
    assert len([record for record in (await books_of(sqlite_store, customer.uid)).records if record["charged"]]) == 1


def failing_half_the_time(rng: random.Random) -> Any:
    def rule(_received: Received) -> Reply:
        return status(503) if rng.random() < 0.5 else completion()

    return rule


@pytest.mark.parametrize(
    ("strategy", "slow_s"),
    # least_latency has to tell slow from fine on a busy machine too, where fine itself waits its turn
    [("weighted", 0.2), ("least_latency", 3.0), ("least_busy", 0.2), ("sticky", 0.2)],
)
async def test_of_a_thousand_requests_none_fails_or_is_charged_twice_while_one_upstream_is_fine(
    sqlite_store: Store, stand_ins: list[StandIn], strategy: str, slow_s: float
) -> None:
    shaky, slow, fine = stand_ins
    shaky.default = failing_half_the_time(random.Random(5))
    slow.default = completion(delay_s=slow_s)
    upstreams = [one.entry(name, MODEL) for one, name in ((shaky, "shaky"), (slow, "slow"), (fine, "fine"))]
    async with running(
        sqlite_store,
        pricing={MODEL: PRICE},
        FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode(),
        FAREBOX_ROUTING=orjson.dumps({"*": strategy}).decode(),
    ) as instance:
        customer = await open_customer(sqlite_store, "10")
        waiting = asyncio.Semaphore(40)

        async def ask(_number: int) -> httpx.Response:
            async with waiting:
                return await instance.ask(customer.bearer, HELLO)

        answers = await asyncio.gather(*map(ask, range(1000)))
    assert Counter(answer.status_code for answer in answers) == {200: 1000}
    books = await books_of(sqlite_store, customer.uid)
    usage = read_usage(USAGE)
    assert usage is not None
    price = Price.from_config(MODEL, PRICE)
    assert [record["charged"] for record in books.records] == [charge(price, usage).total] * 1000
    assert {record["request_id"] for record in books.records} == {one.headers["x-request-id"] for one in answers}
    last = Counter(answer.headers["x-farebox-upstream"].rpartition(", ")[2] for answer in answers)
    assert sum(len(one.requests) for one in stand_ins) == 1000 + len(shaky.requests) - last["shaky"]
    if strategy == "least_latency":
        assert last["slow"] < last["fine"] / 10
    assert not [one async for one in sqlite_store.scan(Query("upstream_health")) if one.id == "fine"]


def limiting_whoever_asks_much(limited: str) -> Any:
    """An upstream that answers 429 to the requests in which a word occurs, for one model's limit of ten minutes."""

    def answer(received: Received) -> Reply:
        if limited.encode() in received.body:
            return status(429, retry_after="600", message="Rate limit reached for this model.")
        return completion()

    return answer


@pytest.mark.parametrize("streamed", [False, True])
async def test_no_caller_can_shut_a_model_or_its_upstream_for_another(
    sqlite_store: Store, stand_ins: list[StandIn], streamed: bool
) -> None:
    upstream = stand_ins[0]
    upstream.default = limiting_whoever_asks_much("hostile")
    models = {MODEL: PRICE, "other-model": PRICE}
    upstreams = orjson.dumps([{**upstream.entry("up"), "models": {model: model for model in models}}]).decode()
    async with running(sqlite_store, pricing=models, FAREBOX_UPSTREAMS=upstreams) as instance:
        hostile, honest = [await open_customer(sqlite_store, "5") for _ in range(2)]
        said = [{"role": "user", "content": "hostile"}]
        for _ in range(10):
            answer = await instance.ask(hostile.bearer, {**HELLO, "messages": said, "stream": streamed})
            assert answer.status_code == 503
            for model in models:
                answer = await instance.ask(honest.bearer, {**HELLO, "model": model, "stream": streamed})
                assert answer.status_code == 200, answer.text
        alone = await instance.ask(hostile.bearer, {**HELLO, "model": "other-model", "stream": streamed})
        assert alone.status_code == 200, "another model is another matter, for the hostile as well"


async def test_a_model_at_its_own_limit_is_left_alone_and_the_others_never_notice(
    sqlite_store: Store, stand_ins: list[StandIn]
) -> None:
    def limited(received: Received) -> Reply:
        if received.json["model"] == "up-0":
            return status(429, retry_after="600")
        return stream() if received.json.get("stream") else completion()

    upstream = stand_ins[0]
    upstream.default = limited
    names = [f"model-{number}" for number in range(5)]
    entry = {**upstream.entry("up"), "models": {name: f"up-{number}" for number, name in enumerate(names)}}
    pricing = dict.fromkeys(names, PRICE)
    upstreams = orjson.dumps([entry]).decode()
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
        customers = [await open_customer(sqlite_store, "10") for _ in range(3)]
        waiting = asyncio.Semaphore(20)

        async def ask(number: int) -> tuple[str, int]:
            async with waiting:
                model = names[number % 5]
                body = {**HELLO, "model": model, "stream": bool(number % 2)}
                answer = await instance.ask(customers[number % 3].bearer, body)
                return model, answer.status_code

        answers = Counter(await asyncio.gather(*map(ask, range(1250))))
    assert answers == {(names[0], 503): 250, **{(name, 200): 250 for name in names[1:]}}
    asked = Counter(received.json["model"] for received in upstream.requests)
    assert asked["up-0"] < 25, "it was left alone, once two callers had met its limit"
