"""Streams that do not end well, or do not say what they used: scenarios 1 to 5."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest

from functions.farebox.kit.money import format_usd, parse_usd
from functions.farebox.pricing.bill import bill_json, recompute
from functions.farebox.request.counting import count_prompt
from functions.farebox.storage import Data
from functions.farebox.tokens.counting import count_completion
from tests.scenarios.shop import MESSAGES, Lane, Shop
from tests.support.calls import checked
from tests.support.clients.asgi import ERROR_FIELDS, error_of
from tests.support.clients.streams import events_in, events_of, said_in
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.stand_ins.upstream import (
    USAGE,
    WORDS,
    Received,
    Reply,
    completion,
    drop,
    json_reply,
    raw,
    status,
    stream,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

INPUT, OUTPUT = 2_500, 10_000  # nano-USD a token
PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
# Of models with names like OpenAI's, counts are exact.
MODELS = {
    f"gpt-4o-{lane}": PRICE
    for lane in (
        "left", "reset", "silent", "reporting", "early", "crowd",
        "unreported", "unreported-plain", "zero", "zero-plain", "breaks", "reports-error",
        "first-event", "error-in-200", "status", "drops", "hopeless",
    )
}  # fmt: skip

PLENTY = "1"
LITTLE = "0.25"  # a lease on so little is exact: it is settled and given back as its request ends
READ = 10  # deltas that a client takes before it hangs up
LONG = 3_000  # deltas: 30 s
PAUSE_S = 0.01
A_FEW = 100  # deltas: a second's worth
REPORTED = {"prompt_tokens": 9, "completion_tokens": LONG}


def words(count: int) -> str:
    """What the stand-in says in so many deltas."""
    return "".join(f" word{index}" for index in range(count))


async def price_of(model: str, *texts: str) -> int:
    """What the tokens of these texts cost, and those of the prompt, in nano-USD."""
    prompt = await count_prompt(checked({"model": model, "messages": MESSAGES}), model)
    return INPUT * prompt.tokens + OUTPUT * sum([await count_completion(text, model) for text in texts])


async def the_charge(shop: Shop, customer: Customer) -> Data:
    """The record of a customer's one request, once the books are closed and it is in them once."""
    books = await books_of(shop.store, customer.uid)
    [record] = books.records
    assert [-amount for amount in books.usage] == [record["charged"]], "one settlement"
    assert record["charged"] == record["cost"] == recompute(bill_json(record["bill"]))
    return record


async def read_deltas(shop: Shop, customer: Customer, lane: Lane, count: int) -> None:
    """Take a stream's first deltas and hang up."""
    async with shop.stream(customer, lane.model) as response:
        assert response.status_code == 200
        async for event in events_of(response):
            count -= bool(said_in(event))
            if not count:
                return


async def reset_after_deltas(shop: Shop, customer: Customer, lane: Lane, count: int) -> None:
    """The same, but the connection is reset, as when the client's process is killed."""
    host, _, port = shop.url.removeprefix("http://").partition(":")
    body = orjson.dumps({"model": lane.model, "messages": MESSAGES, "stream": True})
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {customer.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + body)
    seen = b""
    while seen.count(b'"content":" word') < count:
        piece = await reader.read(4096)
        assert piece, seen
        seen += piece
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def stopped(received: Received) -> int:
    """How many deltas the upstream had sent when its connection was closed, which must be soon."""
    await received.hang_up()
    assert not received.finished
    return received.deltas_sent


@pytest.mark.parametrize(("hang_up", "name"), [(read_deltas, "left"), (reset_after_deltas, "reset")])
async def test_a_client_that_hangs_up_is_charged_once_for_what_was_relayed_and_the_upstream_is_stopped(
    shop: Shop, hang_up: Callable[[Shop, Customer, Lane, int], Awaitable[None]], name: str
) -> None:
    lane = shop.lanes[f"gpt-4o-{name}"]
    lane.upstream.script(stream(LONG, pause_s=PAUSE_S))
    customer = await shop.customer(PLENTY)
    await hang_up(shop, customer, lane, READ)
    sent = await stopped(lane.upstream.last)
    assert READ <= sent < READ + A_FEW
    record = await the_charge(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "counted")
    assert record["charged"] in [await price_of(lane.model, words(count)) for count in range(READ, sent + 1)]
    assert lane.spare.requests == []


async def test_a_client_that_hangs_up_while_nothing_comes_stops_the_upstream_all_the_same(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-silent"]
    lane.upstream.script(stream(LONG, stall_after=READ))
    customer = await shop.customer(LITTLE)
    await read_deltas(shop, customer, lane, READ)
    assert await stopped(lane.upstream.last) == READ
    record = await the_charge(shop, customer)
    assert (record["status"], record["charged"]) == ("aborted", await price_of(lane.model, words(READ)))


async def test_a_client_that_hangs_up_is_charged_what_the_upstream_reported_until_then_if_it_did(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-reporting"]
    lane.upstream.script(stream(LONG, usage=REPORTED, usage_in="every_delta", stall_after=READ))
    customer = await shop.customer(LITTLE)
    await read_deltas(shop, customer, lane, READ)
    await stopped(lane.upstream.last)
    record = await the_charge(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "provider")
    assert record["charged"] == 9 * INPUT + READ * OUTPUT


async def test_a_report_that_came_early_does_not_make_what_was_relayed_since_cheaper(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-early"]
    early = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    [*begun, last] = stream(READ, usage=early, stall_after=READ).steps
    report = b"data: " + orjson.dumps({"choices": [], "usage": early}) + b"\n\n"
    lane.upstream.script(raw(begun[0], report, *begun[1:], last, headers={"content-type": "text/event-stream"}))
    customer = await shop.customer(LITTLE)
    await read_deltas(shop, customer, lane, READ)
    await stopped(lane.upstream.last)
    record = await the_charge(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "counted")
    assert record["charged"] == 9 * INPUT + await count_completion(words(READ), lane.model) * OUTPUT


async def test_a_crowd_that_hangs_up_leaves_nothing_reserved_and_every_upstream_stopped(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-crowd"]
    lane.upstream.default = stream(LONG, pause_s=PAUSE_S)
    customer = await shop.customer(PLENTY)
    await asyncio.gather(*(read_deltas(shop, customer, lane, count) for count in range(1, 21)))
    for received in lane.upstream.requests:
        await stopped(received)
    books = await books_of(shop.store, customer.uid)
    assert [record["status"] for record in books.records] == ["aborted"] * 20
    assert sum(books.usage) == -sum(recompute(bill_json(record["bill"])) for record in books.records) < 0


async def test_a_stream_that_reports_no_usage_is_charged_by_a_count_of_what_was_relayed(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-unreported"]
    lane.upstream.default = stream(806, usage=None)
    cost = await price_of(lane.model, words(806))
    assert cost > 806 * OUTPUT
    for options in ({}, {"stream_options": {"include_usage": True}}):
        customer = await shop.customer(LITTLE)
        events = events_in(await shop.ask(customer, lane.model, stream=True, **options))
        assert "".join(said_in(event) for event in events[:-1]) == words(806)
        assert events[-1] == "[DONE]"
        record = await the_charge(shop, customer)
        assert (record["charged"], record["usage_source"]) == (cost, "counted")
    told = orjson.loads(events[-2])
    assert INPUT * told["usage"]["prompt_tokens"] + OUTPUT * told["usage"]["completion_tokens"] == cost
    assert told["farebox"]["cost_usd"] == format_usd(cost)


async def test_an_answer_that_reports_no_usage_is_charged_by_a_count_of_every_choice(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-unreported-plain"]
    lane.upstream.script(completion(words(50), usage=None, n=3))
    customer = await shop.customer(LITTLE)
    answer = await shop.ask(customer, lane.model, n=3)
    cost = await price_of(lane.model, *[words(50)] * 3)
    assert answer.headers["x-farebox-cost-usd"] == format_usd(cost)
    record = await the_charge(shop, customer)
    assert (record["charged"], record["usage_source"]) == (cost, "counted")


@pytest.mark.parametrize("name", ["zero", "zero-plain"])
async def test_a_reported_usage_of_zero_is_a_number(shop: Shop, name: str) -> None:
    lane = shop.lanes[f"gpt-4o-{name}"]
    zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    streamed = name == "zero"
    lane.upstream.script(stream(50, usage=zero) if streamed else completion(words(50), usage=zero))
    customer = await shop.customer(LITTLE)
    answer = await shop.ask(customer, lane.model, stream=streamed)
    assert answer.status_code == 200
    books = await books_of(shop.store, customer.uid)
    [record] = books.records
    assert (record["usage_source"], record["charged"], books.usage) == ("provider", 0, [])
    assert parse_usd((await shop.receipt(customer, answer))["cost_usd"]) == 0


@pytest.mark.parametrize(
    ("name", "fault"), [("breaks", {"break_after": READ}), ("reports-error", {"error_after": READ})]
)
async def test_a_stream_that_breaks_off_ends_in_an_error_event_and_is_charged_for_what_was_relayed(
    shop: Shop, name: str, fault: dict[str, Any]
) -> None:
    lane = shop.lanes[f"gpt-4o-{name}"]
    lane.upstream.script(stream(LONG, **fault))
    customer = await shop.customer(LITTLE)
    answer = await shop.ask(customer, lane.model, stream=True, stream_options={"include_usage": True})
    *chunks, last = events_in(answer)
    assert "".join(said_in(chunk) for chunk in chunks) == words(READ)
    error = orjson.loads(last)["error"]
    assert error.keys() == ERROR_FIELDS
    assert (error["type"], error["code"]) == ("upstream_error", "upstream_error")
    record = await the_charge(shop, customer)
    assert (record["status"], record["usage_source"]) == ("error", "counted")
    assert record["charged"] == await price_of(lane.model, words(READ))
    assert lane.spare.requests == [], "never after the first byte"


@pytest.mark.parametrize(
    ("name", "failure", "streamed"),
    [
        ("first-event", stream(error_after=0), True),
        ("error-in-200", json_reply({"error": {"message": "overloaded"}}), False),
        ("status", status(503), True),
        ("drops", drop(), True),
    ],
)
async def test_a_failure_before_the_first_byte_gives_way_to_the_next_upstream_and_only_its_answer_is_charged(
    shop: Shop, name: str, failure: Reply, streamed: bool
) -> None:
    lane = shop.lanes[f"gpt-4o-{name}"]
    lane.upstream.script(failure)
    customer = await shop.customer(LITTLE)
    answer = await shop.ask(customer, lane.model, stream=streamed)
    assert answer.status_code == 200
    if streamed:
        *chunks, last = events_in(answer)
        assert last == "[DONE]"
        assert "".join(said_in(chunk) for chunk in chunks) == "".join(WORDS)
    assert answer.headers["x-farebox-upstream"].split(", ")[-1] == lane.ids[1]
    receipt = await shop.receipt(customer, answer)
    assert [attempt["upstream"] for attempt in receipt["attempts"]] == list(lane.ids)
    assert [attempt["outcome"] == "answered" for attempt in receipt["attempts"]] == [False, True]
    record = await the_charge(shop, customer)
    assert record["charged"] == USAGE["prompt_tokens"] * INPUT + USAGE["completion_tokens"] * OUTPUT
    assert (len(lane.upstream.requests), len(lane.spare.requests)) == (1, 1)


async def test_an_error_in_the_first_event_of_every_upstream_is_no_stream_but_an_error_and_costs_nothing(
    shop: Shop,
) -> None:
    lane = shop.lanes["gpt-4o-hopeless"]
    for upstream in (lane.upstream, lane.spare):
        upstream.script(stream(error_after=0))
    customer = await shop.customer(LITTLE)
    answer = await shop.ask(customer, lane.model, stream=True)
    assert (answer.status_code, error_of(answer)["code"]) == (502, "upstream_error")
    books = await books_of(shop.store, customer.uid)
    assert books.usage == []
    assert [(record["status"], record["charged"]) for record in books.records] == [("error", 0)]
