"""Caching as clients see it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.kit.money import ceil_div, parse_usd
from functions.farebox.pricing.bill import recompute
from functions.farebox.storage import Queued, Store, Update, Write
from tests.support.clients.asgi import refused
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, completion, json_reply, stream
from tests.support.stand_ins.upstream_replies import calling

MODEL = "test-model"
PRICING = {MODEL: {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}}
HELLO: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
ON = {"x-farebox-cache": "on"}
FULL, SHARE = parse_usd("0.0001425"), parse_usd("0.00001425")  # 9 in, 12 out; a tenth of it


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        yield instance


async def ask(instance: Instance, who: Customer, body: dict[str, Any] = HELLO, **headers: str) -> httpx.Response:
    sent = {**who.bearer, **{name.replace("_", "-"): value for name, value in headers.items()}}
    path = "/v1/embeddings" if "input" in body else "/v1/chat/completions"
    return await instance.client.post(path, headers=sent, json=body)


def told(*answers: httpx.Response) -> list[str | None]:
    return [answer.headers.get("x-farebox-cache") for answer in answers]


async def test_a_repeated_request_is_answered_from_the_cache_for_its_share_of_the_price(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "1")
    first, second = [await ask(instance, customer, x_farebox_cache="on") for _ in range(2)]
    assert told(first, second) == ["miss", "hit"]
    assert first.content == second.content
    assert len(upstream.requests) == 1
    assert [parse_usd(one.headers["x-farebox-cost-usd"]) for one in (first, second)] == [FULL, SHARE]
    path = f"/v1/receipts/{second.headers['x-request-id']}"
    receipt = (await instance.client.get(path, headers=customer.bearer)).json()
    assert (receipt["upstream"], receipt["attempts"]) == ("cache", [])
    assert recompute(receipt["bill"]) == parse_usd(receipt["charged_usd"]) == SHARE
    records = (await books_of(sqlite_store, customer.uid)).records
    assert sorted((record["charged"], record["list_cost"]) for record in records) == [(SHARE, 0), (FULL, FULL)]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_replay_costs_a_share_of_the_price_of_whoever_answered_and_not_of_its_public_name(
    sqlite_store: Store, upstream: StandIn, streamed: bool
) -> None:
    upstream.default = stream() if streamed else completion()
    dear = dict.fromkeys(PRICING[MODEL], "100")
    upstreams = orjson.dumps([upstream.entry("up", MODEL, priced_as={MODEL: "cheap"})]).decode()
    pricing = {MODEL: dear, "cheap": PRICING[MODEL]}
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        answers = [await ask(instance, customer, {**HELLO, "stream": streamed}, **ON) for _ in range(2)]
        assert told(*answers) == ["miss", "hit"]
    records = (await books_of(sqlite_store, customer.uid)).records
    assert sorted(record["charged"] for record in records) == [SHARE, FULL]


@pytest.mark.parametrize(
    ("path", "streamed", "times"),
    [
        ("/v1/chat/completions", False, 100),
        ("/v1/chat/completions", True, 0.01),
        ("/v1/messages", False, 0.01),
        ("/v1/messages", True, 100),
    ],
    ids=["a cheaper one", "a dearer one, streamed", "a dearer one, in messages", "a cheaper one, messages streamed"],
)
async def test_a_replay_costs_a_share_of_what_it_was_charged_when_another_model_than_asked_answered(
    sqlite_store: Store, upstream: StandIn, path: str, streamed: bool, times: float
) -> None:
    upstream.default = stream() if streamed else completion()
    asked = {field: str(Decimal(price) * Decimal(str(times))) for field, price in PRICING[MODEL].items()}
    upstreams = orjson.dumps([{**upstream.entry("up"), "models": {MODEL: "auto"}}]).decode()
    pricing = {MODEL: asked, "up-model": PRICING[MODEL]}
    customer = await open_customer(sqlite_store, "1")
    receipts = []
    for each in (2, 1):  # another instance knows of it from the store
        async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
            for _ in range(each):
                body = {**HELLO, "stream": streamed, "max_tokens": 20}
                answer = await instance.client.post(path, headers={**customer.bearer, **ON}, json=body)
                await answer.aread()
                receipt = f"/v1/receipts/{answer.headers['x-farebox-receipt']}"
                receipts.append((await instance.client.get(receipt, headers=customer.bearer)).json())
            await instance.stop()
    assert len(upstream.requests) == 1
    assert {(each["answered_model"], each["bill"]["model"]) for each in receipts} == {("up-model", "up-model")}
    new, *again = [parse_usd(each["charged_usd"]) for each in receipts]
    assert new == FULL if times > 1 else 0 < new < FULL  # no more than was held is charged
    assert again == [ceil_div(new, 10)] * 2


@pytest.mark.parametrize("wants_usage", [False, True])
async def test_a_stream_is_replayed_as_a_stream_with_usage_only_where_it_is_asked_for(
    sqlite_store: Store, instance: Instance, upstream: StandIn, wants_usage: bool
) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {**HELLO, "stream": True}
    await ask(instance, customer, body, x_farebox_cache="on")
    wish = {**body, "stream_options": {"include_usage": wants_usage}}
    again = await ask(instance, customer, wish, x_farebox_cache="on")
    assert told(again) == ["hit"]
    assert again.headers["content-type"].startswith("text/event-stream")
    events = [block.removeprefix("data: ") for block in again.text.split("\n\n")[:-1]]
    assert events.pop() == "[DONE]"
    chunks = [orjson.loads(event) for event in events]
    said = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert said == "Hello, wörld 👋!"
    assert any(chunk.get("usage") for chunk in chunks) is wants_usage
    if wants_usage:
        assert parse_usd(chunks[-1]["farebox"]["cost_usd"]) == SHARE
    assert len(upstream.requests) == 1
    assert (await books_of(sqlite_store, customer.uid)).balance == parse_usd("1") - FULL - SHARE


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_an_answer_that_is_whole_at_once_is_recorded_in_one_write_and_then_sent(
    sqlite_store: Store, instance: Instance, monkeypatch: pytest.MonkeyPatch, streamed: bool
) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {**HELLO, "stream": streamed}
    await ask(instance, customer, body, x_farebox_cache="on")
    second_writes: list[str] = []

    begin = Store.begin

    def noted(store: Store, *writes: Write) -> Queued:
        second_writes.extend(write.path for write in writes if isinstance(write, Update))
        return begin(store, *writes)

    monkeypatch.setattr(Store, "begin", noted)
    assert told(await ask(instance, customer, body, x_farebox_cache="on")) == ["hit"]
    assert second_writes == []
    records = (await books_of(sqlite_store, customer.uid)).records
    assert sorted((record["status"], record["charged"]) for record in records) == [("ok", SHARE), ("ok", FULL)]


async def test_users_do_not_have_each_others_answers_unless_that_is_configured(
    sqlite_store: Store, upstream: StandIn
) -> None:
    for shared, expected in ((False, ["miss", "miss"]), (True, ["miss", "hit"])):
        rules = orjson.dumps({"shared": shared}).decode()
        async with running(sqlite_store, pricing=PRICING, upstream=upstream, FAREBOX_CACHE=rules) as instance:
            users = [await open_customer(sqlite_store, "1") for _ in range(2)]
            assert told(*[await ask(instance, one, x_farebox_cache="on") for one in users]) == expected


async def test_another_instance_knows_the_answer_too(sqlite_store: Store, upstream: StandIn) -> None:
    customer = await open_customer(sqlite_store, "1")
    answers = []
    for _ in range(2):
        async with running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
            answers.append(await ask(instance, customer, x_farebox_cache="on"))
            await instance.stop()
    assert told(*answers) == ["miss", "hit"]


async def test_nothing_is_cached_for_whoever_does_not_ask(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1")
    fixed = {**HELLO, "temperature": 0}
    assert told(*[await ask(instance, customer, fixed) for _ in range(2)]) == [None, None]
    await ask(instance, customer, fixed, x_farebox_cache="on")
    assert told(await ask(instance, customer, fixed, x_farebox_cache="off")) == [None]


async def test_an_operator_turns_it_on_for_what_always_has_the_same_answer(
    sqlite_store: Store, upstream: StandIn
) -> None:
    rules = orjson.dumps({"models": [MODEL], "charge": "0"}).decode()
    cases: list[tuple[dict[str, Any], list[str | None]]] = [
        ({**HELLO, "temperature": 0}, ["miss", "hit"]),
        (HELLO, [None, None]),
        ({**HELLO, "temperature": 0, "tools": [{"type": "function", "function": {"name": "x"}}]}, [None, None]),
        ({"model": MODEL, "input": "Hello"}, ["miss", "hit"]),
    ]
    async with running(sqlite_store, pricing=PRICING, upstream=upstream, FAREBOX_CACHE=rules) as instance:
        customer = await open_customer(sqlite_store, "1")
        for body, expected in cases:
            answers = [await ask(instance, customer, body) for _ in range(2)]
            assert told(*answers) == expected, body
            if expected[1] == "hit":
                assert parse_usd(answers[1].headers["x-farebox-cost-usd"]) == 0


async def test_an_answer_that_calls_tools_is_kept_only_if_asked(sqlite_store: Store, upstream: StandIn) -> None:
    upstream.default = calling()
    rules = orjson.dumps({"models": [MODEL]}).decode()
    fixed = {**HELLO, "temperature": 0}
    async with running(sqlite_store, pricing=PRICING, upstream=upstream, FAREBOX_CACHE=rules) as instance:
        customer = await open_customer(sqlite_store, "1")
        assert told(*[await ask(instance, customer, fixed) for _ in range(2)]) == ["miss", "miss"]
        assert told(*[await ask(instance, customer, fixed, x_farebox_cache="on") for _ in range(2)]) == ["miss", "hit"]


@pytest.mark.parametrize(
    "change", [{"temperature": 0.5}, {"messages": [{"role": "user", "content": "Hello!"}]}, {"max_tokens": 7}]
)
async def test_any_difference_is_another_request(
    sqlite_store: Store, instance: Instance, change: dict[str, Any]
) -> None:
    customer = await open_customer(sqlite_store, "1")
    answers = [await ask(instance, customer, body, x_farebox_cache="on") for body in (HELLO, {**HELLO, **change})]
    assert told(*answers) == ["miss", "miss"]


async def test_a_broken_stream_is_never_kept(sqlite_store: Store, instance: Instance, upstream: StandIn) -> None:
    customer = await open_customer(sqlite_store, "1")
    upstream.script(stream(["half"], break_after=1))
    body = {**HELLO, "stream": True}
    answers = [await ask(instance, customer, body, x_farebox_cache="on") for _ in range(3)]
    assert told(*answers) == ["miss", "miss", "hit"]
    assert "[DONE]" in answers[2].text


async def test_an_age_that_is_too_old_for_the_client_is_a_miss(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "1")
    await ask(instance, customer, x_farebox_cache="on")
    upstream.default = completion("Newer")
    newer = await ask(instance, customer, x_farebox_cache="on; max-age=0")
    assert told(newer) == ["miss"]
    assert told(await ask(instance, customer, x_farebox_cache="ON, max-age=600")) == ["hit"]


async def test_a_wish_that_cannot_be_read_is_refused(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1")
    refused(await ask(instance, customer, x_farebox_cache="maybe"), 400, "invalid_value", "x-farebox-cache")


async def test_the_other_dialects_are_cached_alike(sqlite_store: Store, instance: Instance, upstream: StandIn) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {**HELLO, "max_tokens": 9}
    answers = [
        await instance.client.post("/v1/messages", headers={**customer.bearer, **ON}, json=body) for _ in range(2)
    ]
    assert told(*answers) == ["miss", "hit"]
    assert answers[0].json() == answers[1].json()
    assert len(upstream.requests) == 1


DEAR_TIER: dict[str, Any] = {
    "input_usd_per_1m": "1",
    "output_usd_per_1m": "10",
    "cache_write_usd_per_1m": "1.25",
    "cache_write_1h_usd_per_1m": "2",
    "service_tiers": {
        "priority": {
            "input_usd_per_1m": "2",
            "output_usd_per_1m": "20",
            "cache_write_usd_per_1m": "2.5",
            "cache_write_1h_usd_per_1m": "4",
        }
    },
}
WRITTEN = {"input_tokens": 10, "output_tokens": 1, "cache_creation_input_tokens": 100}
OF_AN_HOUR = {"cache_creation": {"ephemeral_1h_input_tokens": 100, "ephemeral_5m_input_tokens": 0}}
SAID_WITH_ITS_TIER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "usage": {**WRITTEN, **OF_AN_HOUR, "service_tier": "priority"},
}
PLAIN_COST, DEAR_COST = 9 * 1_000 + 12 * 10_000, 10 * 2_000 + 1 * 20_000 + 100 * 4_000  # nano-USD


async def test_a_replay_costs_a_share_in_the_tier_and_for_the_lifetime_that_were_served_and_translated(
    sqlite_store: Store, upstream: StandIn
) -> None:
    """The translated answer names no tier. An upstream that is told of none serves the standard one."""
    upstreams = [
        upstream.entry("anthropic", "spoken", speaks=["messages"]),
        upstream.entry("plain", "plain", drop_fields=["service_tier"]),
    ]
    listed = orjson.dumps(upstreams).decode()
    pricing = dict.fromkeys(("spoken", "plain"), DEAR_TIER)
    customer = await open_customer(sqlite_store, "1")
    costs = []
    for each in (2, 1):  # another instance knows of it from the store
        async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=listed) as instance:
            for model, reply, fields in (
                ("spoken", json_reply(SAID_WITH_ITS_TIER), {}),
                ("plain", completion(), {"service_tier": "priority"}),
            ):
                upstream.default = reply
                for _ in range(each):
                    answer = await ask(instance, customer, {**HELLO, "model": model, **fields}, **ON)
                    costs.append(parse_usd(answer.headers["x-farebox-cost-usd"]))
    shares = [ceil_div(cost, 10) for cost in (DEAR_COST, PLAIN_COST)]
    assert costs == [DEAR_COST, shares[0], PLAIN_COST, shares[1], *shares]
    assert len(upstream.requests) == 2
