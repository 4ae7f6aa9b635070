"""What is priced is what is sent, in every dialect: an upstream that reads no more than its own fields, and has a meter
of its own, never costs more than what was charged and what is in the books as a loss."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.kit.money import NANOS_PER_USD, format_usd, parse_usd
from functions.farebox.pricing.bill import recompute
from functions.farebox.storage import Data, Store
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.processes import ROOT
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import Received, Reply, StandIn, completion, stream

SAID = [{"role": "user", "content": "Hello"}]
# By dialect: its path, a body that passes, and its own field for a cap.
DIALECTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "chat": ("/v1/chat/completions", {"messages": SAID}, "max_completion_tokens"),
    "messages": ("/v1/messages", {"messages": SAID, "max_tokens": 100}, "max_tokens"),
    "responses": ("/v1/responses", {"input": "Hello"}, "max_output_tokens"),
}
EACH = pytest.mark.parametrize("dialect", DIALECTS)

FLAT = {"input_usd_per_1m": "1", "output_usd_per_1m": "10", "cached_input_usd_per_1m": "0.1", "context_tokens": 200_000}
PRIORITY = {"input_usd_per_1m": "2", "output_usd_per_1m": "20"}
PRICING: dict[str, dict[str, Any]] = {
    "flat": {**FLAT, "max_output_tokens": 4_096},
    "m": {
        **FLAT,
        "cache_write_1h_usd_per_1m": "2",
        "context_tokens": 1_000_000,
        "tiers": [{"above_prompt_tokens": 200_000, "input_usd_per_1m": "3", "output_usd_per_1m": "30"}],
        "service_tiers": {"priority": PRIORITY, "flex": {"input_usd_per_1m": "0.5", "output_usd_per_1m": "5"}},
        "search_usd": "0.01",
    },
    "gpt-4o": {**FLAT, "context_tokens": 8_000, "max_output_tokens": 8_000},
    "llama": {**FLAT, "context_tokens": 8_000, "max_output_tokens": 8_000},
    "gpt-5-pro": {"input_usd_per_1m": "15", "output_usd_per_1m": "120"},
}


class Meter:
    """An upstream that fills whatever cap it reads in `max_tokens`, and prices it by itself, in nano-USD."""

    def __init__(self) -> None:
        self.cost = 0

    def __call__(self, received: Received) -> Reply:
        asked = received.json
        dearer = 2 if asked.get("service_tier") == "priority" else 1
        choices = max(asked.get("n", 1), asked.get("best_of", 1))
        prompt, generated = len(received.body) // 2, choices * asked.get("max_tokens", 8_000)
        searches = 4 if "web_search_options" in asked else 0
        self.cost += dearer * (prompt * 1_000 + generated * 10_000) + searches * parse_usd("0.01")
        usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": generated}
        usage["total_tokens"] = prompt + generated
        if searches:
            usage["server_side_tool_usage_details"] = {"web_search_calls": searches}
        if asked.get("stream"):
            return stream(n=asked.get("n", 1), usage=usage)
        return completion(n=asked.get("n", 1), usage=usage)


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        upstream.default = Meter()
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    entry = upstream.entry("up", *PRICING, pass_fields=["x_let"], drop_fields=["seed"])
    entry["models"]["gpt-4o"] = "gpt-4o"  # whose vocabulary is at hand
    upstreams = orjson.dumps([entry]).decode()
    async with running(sqlite_store, pricing=PRICING, FAREBOX_UPSTREAMS=upstreams) as instance:
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    await instance.runtime.data_plane()
    return await open_customer(sqlite_store, "10")


async def ask(instance: Instance, customer: Customer, dialect: str = "chat", **fields: Any) -> httpx.Response:
    path, least, _ = DIALECTS[dialect]
    return await instance.client.post(path, headers=customer.bearer, json={"model": "flat", **least, **fields})


async def record_of(store: Store, customer: Customer) -> Data:
    """The one record of a customer, whose amounts are whole and not below zero."""
    books = await books_of(store, customer.uid)
    [record] = books.records
    for name in ("held", "cost", "charged", "shortfall"):
        assert type(record[name]) is int and record[name] >= 0
    assert books.balance == 10 * NANOS_PER_USD - record["charged"]
    return record


async def untouched(store: Store, customer: Customer, upstream: StandIn) -> bool:
    books = await books_of(store, customer.uid)
    return upstream.requests == [] and books.records == [] and books.balance == 10 * NANOS_PER_USD


AMOUNTS: list[Any] = [1.5, 0.001, "3", [1], -5, -1_000_000, 0, 10**9, True, {}]


@EACH
async def test_an_amount_that_is_none_is_refused_before_anything_is_held(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, dialect: str
) -> None:
    for name in ("n", "best_of", "max_tokens", "max_completion_tokens", "max_output_tokens"):
        for amount in (*AMOUNTS, 100_000) if name in ("n", "best_of") else AMOUNTS:
            answer = await ask(instance, customer, dialect, **{name: amount})
            assert answer.status_code == 400, (name, amount)
            assert answer.json()["error"]["message"].startswith(f"{name}: write a whole number from 1 to ")
    assert await untouched(sqlite_store, customer, upstream)


@EACH
@pytest.mark.parametrize(
    "text", ['{"model": "m", "n": NaN}', '{"model": "m", "n": 1e999}', "[]", "[" * 900 + "]" * 900]
)
async def test_what_is_no_body_is_refused_before_anything_is_held(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, dialect: str, text: str
) -> None:
    headers = {**customer.bearer, "content-type": "application/json"}
    answer = await instance.client.post(DIALECTS[dialect][0], headers=headers, content=text)
    assert answer.status_code == 400
    assert await untouched(sqlite_store, customer, upstream)


STEERING = {
    "extra_body": {"max_tokens": 100_000},
    "additional_drop_params": ["max_tokens"],
    "fallbacks": ["gpt-5-pro"],
    "models": ["gpt-5-pro"],
    "plugins": [{"id": "web"}],
    "api_base": "https://example.com",
    "mock_response": "hi",
}


@EACH
@pytest.mark.parametrize("name", STEERING)
async def test_what_steers_a_proxy_is_refused_by_its_name(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, dialect: str, name: str
) -> None:
    answer = await ask(instance, customer, dialect, **{name: STEERING[name]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unsupported_parameter")
    assert answer.json()["error"]["message"].startswith(f"{name}: ")
    assert await untouched(sqlite_store, customer, upstream)


@EACH
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_field_that_nobody_knows_is_left_out_and_named(
    instance: Instance, customer: Customer, upstream: StandIn, dialect: str, streamed: bool
) -> None:
    answer = await ask(instance, customer, dialect, x_wish={"a": 1}, y_wish=2, stream=streamed)
    assert answer.status_code == 200
    assert answer.headers["x-farebox-dropped"] == "x_wish, y_wish"
    assert not {"x_wish", "y_wish"} & upstream.last.json.keys()
    assert "x-farebox-dropped" not in (await ask(instance, customer, dialect, stream=streamed)).headers


async def test_an_operator_lets_more_through_and_less(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    await ask(instance, customer, x_let="x" * 1_000, x_wish=1, seed=5, temperature=0)
    assert upstream.last.json["x_let"] == "x" * 1_000
    assert not {"x_wish", "seed"} & upstream.last.json.keys()
    assert upstream.last.json["temperature"] == 0


@EACH
@pytest.mark.parametrize("streamed", [False, True])
async def test_what_an_upstream_goes_without_is_named(
    instance: Instance, customer: Customer, upstream: StandIn, dialect: str, streamed: bool
) -> None:
    named = {"x_wish": 1} | ({"seed": 5} if dialect == "chat" else {})
    answer = await ask(instance, customer, dialect, **named, stream=streamed)
    assert answer.headers["x-farebox-dropped"] == ", ".join(named)
    assert "seed" not in upstream.last.json


@EACH
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_cap_that_was_lowered_is_told(
    instance: Instance, customer: Customer, upstream: StandIn, dialect: str, streamed: bool
) -> None:
    cap = DIALECTS[dialect][2]
    answer = await ask(instance, customer, dialect, **{cap: 9_000}, stream=streamed)
    assert answer.headers["x-farebox-max-tokens"] == str(upstream.last.json["max_tokens"]) == "4096"
    answer = await ask(instance, customer, dialect, **{cap: 4_096}, stream=streamed)
    assert "x-farebox-max-tokens" not in answer.headers


@EACH
async def test_the_cap_is_sent_in_the_field_that_the_upstream_reads(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, dialect: str
) -> None:
    await ask(instance, customer, dialect, **{DIALECTS[dialect][2]: 16})
    assert upstream.last.json["max_tokens"] == 16
    assert not {"max_completion_tokens", "max_output_tokens"} & upstream.last.json.keys()
    assert (await record_of(sqlite_store, customer))["tokens"]["completion"] == 16


WHOLE: dict[str, dict[str, Any]] = {
    "a plain request": {},
    "no cap of its own": {"model": "m"},
    "a cap that the upstream does not read": {"max_completion_tokens": 16},
    "many choices": {"n": 5, "max_tokens": 100},
    "more generated than answered": {"n": 2, "best_of": 7, "max_tokens": 100},
    "documents": {"documents": [{"text": "word " * 80_000}], "model": "m"},
    "a prediction": {"prediction": {"type": "content", "content": "word " * 70_000}, "model": "m"},
    "a template": {"chat_template": "x" * 100_000, "model": "m"},
    "a dearer tier": {"model": "m", "service_tier": "priority", "max_tokens": 1_000},
    "a search": {"model": "m", "web_search_options": {}, "max_tokens": 100},
    "what an operator lets through": {"x_let": "word " * 10_000},
}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fields", WHOLE.values(), ids=WHOLE)
async def test_no_request_costs_more_than_was_held_and_charged(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    fields: dict[str, Any],
    streamed: bool,
) -> None:
    meter = upstream.default = Meter()
    answer = await ask(instance, customer, **fields, stream=streamed)
    assert answer.status_code == 200, answer.text
    record = await record_of(sqlite_store, customer)
    assert meter.cost > 0
    assert record["held"] >= meter.cost
    assert record["charged"] >= meter.cost
    assert record["shortfall"] == 0


HOUR = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
SPOKEN = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("dialect", "part", "tier"),
    [("chat", HOUR, "priority"), ("chat", SPOKEN, None), ("chat", SPOKEN, "flex"), ("responses", SPOKEN, None)],
)
async def test_a_class_without_a_price_in_the_tier_that_is_asked_for_is_refused(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    dialect: str,
    part: dict[str, Any],
    tier: str | None,
    streamed: bool,
) -> None:
    said = [{"role": "user", "content": [part]}]
    fields: dict[str, Any] = {"input" if dialect == "responses" else "messages": said, "service_tier": tier}
    refusal = await ask(instance, customer, dialect, model="m", stream=streamed, **fields)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (400, "unsupported_parameter")
    assert "has no price for" in refusal.json()["error"]["message"]
    assert await untouched(sqlite_store, customer, upstream)


@EACH
async def test_a_service_tier_without_a_price_is_refused_and_one_with_a_price_is_charged_by_it(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, dialect: str
) -> None:
    refusal = await ask(instance, customer, dialect, service_tier="priority")
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (400, "unsupported_parameter")
    assert refusal.json()["error"]["message"].startswith("service_tier: ")
    assert await untouched(sqlite_store, customer, upstream)
    await ask(instance, customer, dialect, model="m", service_tier="priority", **{DIALECTS[dialect][2]: 100})
    assert upstream.last.json["service_tier"] == "priority"
    record = await record_of(sqlite_store, customer)
    assert record["charged"] == record["tokens"]["prompt"] * 2_000 + 100 * 20_000
    assert record["held"] >= record["charged"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"web_search_options": {}}, "web_search_options"),
        ({"tools": [{"type": "web_search"}]}, "tools.0.type"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"cache_control": {"type": "ephemeral", "ttl": "1h"}}, "cache_control.ttl"),
    ],
)
async def test_what_has_no_price_is_refused_before_it_is_sent(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    fields: dict[str, Any],
    param: str,
) -> None:
    answer = await ask(instance, customer, **fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "unsupported_parameter", param)
    assert "Leave it out" in error["message"]
    assert await untouched(sqlite_store, customer, upstream)


async def test_an_hour_in_the_cache_is_held_for_only_where_it_is_asked_for(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    long = [{"role": "user", "content": "word " * 2_000}]
    await ask(instance, customer, model="m", messages=long, max_tokens=16)
    await ask(
        instance, customer, model="m", messages=long, max_tokens=16, cache_control={"type": "ephemeral", "ttl": "1h"}
    )
    held = sorted(record["held"] for record in (await books_of(sqlite_store, customer.uid)).records)
    assert held[1] - held[0] > 2_000 * 1_000


async def test_a_long_prompt_is_charged_by_its_tier(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    usage = {"prompt_tokens": 250_000, "completion_tokens": 100, "total_tokens": 250_100}
    upstream.script(completion(usage=usage))
    said = [{"role": "user", "content": "word " * 250_000}]
    await ask(instance, customer, model="m", messages=said, max_tokens=100)
    record = await record_of(sqlite_store, customer)
    assert record["charged"] == 250_000 * 3_000 + 100 * 30_000


@EACH
@pytest.mark.parametrize("model", ["gpt-4o", "llama"])
@pytest.mark.parametrize("words", [1, 2_000, 4_000, 5_500])
async def test_no_more_is_asked_for_than_fits_beside_the_prompt(
    instance: Instance, customer: Customer, upstream: StandIn, model: str, words: int, dialect: str
) -> None:
    _, _, cap = DIALECTS[dialect]
    text = "word " * words
    said: dict[str, Any] = (
        {"input": text} if dialect == "responses" else {"messages": [{"role": "user", "content": text}]}
    )
    if dialect == "messages":
        said[cap] = 8_000
    answer = await ask(instance, customer, dialect, model=model, **said)
    assert answer.status_code == 200, answer.text
    room = 8_000 - words - 10
    assert room // 2 - 300 <= upstream.last.json["max_tokens"] <= room + 3


async def test_a_file_does_not_take_all_the_room_of_the_answer(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    file = {"type": "file", "file": {"file_url": "https://x/y"}}
    await ask(instance, customer, model="llama", messages=[{"role": "user", "content": [file]}])
    assert upstream.last.json["max_tokens"] > 3_000


async def test_an_exact_prompt_that_leaves_no_room_is_refused(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    answer = await ask(instance, customer, model="gpt-4o", messages=[{"role": "user", "content": "word " * 7_985}])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "context_length_exceeded")
    assert await untouched(sqlite_store, customer, upstream)


def answer_of(**fields: Any) -> Reply:
    """A completion of 1,000 and 100 tokens that says more of itself."""
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    whole = completion(usage=usage)
    [body] = [step for step in whole.steps if isinstance(step, bytes)]
    return Reply(200, whole.headers, [orjson.dumps({**orjson.loads(body), **fields})])


def stream_of(**fields: Any) -> Reply:
    """The same as a stream, in whose chunks that is said."""
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up-model", **fields}
    choice = {"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    events = [{**chunk, "choices": [choice]}, {**chunk, "choices": [], "usage": usage}]
    steps = [b"data: " + orjson.dumps(event) + b"\n\n" for event in events]
    return Reply(200, {"content-type": "text/event-stream"}, [*steps, b"data: [DONE]\n\n"])


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("asked", "said", "charged"),
    [
        ({}, {"service_tier": "default"}, "0.002"),
        ({}, {"service_tier": "flex"}, "0.001"),
        ({}, {"service_tier": "priority"}, "0.004"),
        ({"service_tier": "flex"}, {"service_tier": "default"}, "0.002"),
        ({"service_tier": "priority"}, {"service_tier": "default"}, "0.002"),
        ({"service_tier": "priority"}, {}, "0.004"),
        ({"service_tier": "priority"}, {"service_tier": "nobody's"}, "0.004"),
        ({}, {"model": "m-2025-08-07"}, "0.002"),
        ({}, {"model": "openai/gpt-5-pro-2025-10-06"}, "0.027"),
        ({}, {"model": "a-model-of-nobodys"}, "0.002"),
    ],
)
async def test_the_tier_and_the_model_that_answered_choose_the_price(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    asked: dict[str, Any],
    said: dict[str, Any],
    charged: str,
    streamed: bool,
) -> None:
    upstream.script((stream_of if streamed else answer_of)(**said))
    answer = await ask(instance, customer, model="m", **asked, stream=streamed)
    record = await record_of(sqlite_store, customer)
    assert record["charged"] == parse_usd(charged)
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    receipt = (await instance.client.get(path, headers=customer.bearer)).json()
    assert receipt["service_tier"] == said.get("service_tier")
    is_other = said.get("model", "m-").startswith("m-")
    assert receipt["answered_model"] == (None if is_other else said["model"])
    assert recompute(receipt["bill"]) == parse_usd(charged)


async def test_an_answer_by_a_dearer_model_costs_no_more_than_was_held_and_the_rest_is_a_loss_that_operators_hear_of(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    upstream.script(answer_of(model="gpt-5-pro"))
    with caplog.at_level(logging.WARNING, "farebox.settlement"):
        answer = await ask(instance, customer, max_tokens=100)
    record = await record_of(sqlite_store, customer)
    assert record["cost"] == parse_usd("0.027")
    assert record["charged"] == record["held"] < record["cost"]
    assert record["shortfall"] == record["cost"] - record["charged"]
    assert answer.headers["x-farebox-cost-usd"] == format_usd(record["held"])
    [told] = caplog.messages
    assert "gpt-5-pro" in told and format_usd(record["shortfall"]) in told


async def test_searches_are_charged_as_they_are_told(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    answer = await ask(instance, customer, model="m", web_search_options={}, max_tokens=100)
    record = await record_of(sqlite_store, customer)
    assert record["held"] >= parse_usd("0.1")  # ten of them
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    bill = (await instance.client.get(path, headers=customer.bearer)).json()["bill"]
    [line] = [line for line in bill["lines"] if line["class"] == "search"]
    assert (line["count"], line["amount_usd"]) == (4, "0.04")


CASES = orjson.loads((ROOT / "tests/gateway/data/upstream_answers.json").read_bytes())
PRICED = {"a17-websearch": "0.2011", "a18-flex": "0.001", "a19-fallback-other-model": "0.027"}


def test_every_case_that_says_in_words_how_it_is_priced_is_here() -> None:
    assert {name for name, case in CASES.items() if "priced" in case["want"]} == PRICED.keys()


@pytest.mark.parametrize("name", PRICED)
async def test_a_case_is_priced_as_its_words_say(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, name: str
) -> None:
    case = CASES[name]
    upstream.script(Reply(200, case["answer"]["headers"], [case["answer"]["body"].encode()]))
    await ask(instance, customer, **case["request"])
    assert (await record_of(sqlite_store, customer))["charged"] == parse_usd(PRICED[name])
