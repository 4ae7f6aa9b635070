"""Hanging up, and answers that come to nothing: scenarios 1 and 41.

What was sent is not free, what was paid for is not sent again, and what nobody can be charged is in the books.
"""

import asyncio
from typing import Any

import orjson
import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import bill_json, recompute
from functions.farebox.request.counting import count_prompt
from functions.farebox.storage import Data
from tests.scenarios.shop import Lane, Shop, usage
from tests.support.calls import checked
from tests.support.clients.asgi import error_of
from tests.support.clients.streams import events_of, said_in
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.stand_ins.upstream import Break, Pause, Reply, completion, embedding, raw, stream

pytestmark = pytest.mark.asyncio(loop_scope="module")

INPUT, OUTPUT = 2_500, 10_000  # nano-USD a token
PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
MODELS = {
    f"{family}-{lane}": PRICE
    for family, lanes in {
        "gpt-4o": ("plain", "streamed", "half-said", "answering", "image", "broken", "cut-off", "too-long"),
        "o3": ("thinking", "endless", "silent"),
        "text-embedding-3-small": ("batch",),
    }.items()
    for lane in lanes
}
DRAIN_S = 1
VARIABLES = {"FAREBOX_DRAIN_S": str(DRAIN_S)}

PLENTY = "5"
READ = 3  # deltas that a client takes before it hangs up
LONG_PROMPT = [{"role": "user", "content": "a word or two " * 7_200}]  # 100 kB
THOUGHT = usage(9, 4_000, out_reasoning_tokens=3_900)
HALF_A_BODY = {"content-type": "application/json", "content-length": "99"}


async def hang_up_in_the_middle(shop: Shop, customer: Customer, lane: Lane, **fields: Any) -> None:
    """Take a stream's first deltas and go."""
    count = READ
    async with shop.stream(customer, lane.model, **fields) as response:
        async for event in events_of(response):
            count -= bool(said_in(event))
            if not count:
                return


async def hang_up_at_once(shop: Shop, customer: Customer, lane: Lane, **fields: Any) -> None:
    """Send a request and go before there is any answer."""
    asking = asyncio.create_task(shop.ask(customer, lane.model, **fields))
    await lane.upstream.asked()
    await asyncio.sleep(0.05)
    asking.cancel()


async def the_record(shop: Shop, customer: Customer) -> Data:
    """The record of a customer's one request, once the books are closed and it is in them once."""
    books = await books_of(shop.store, customer.uid)
    [record] = books.records
    assert [-amount for amount in books.usage] == [record["charged"]] * bool(record["charged"])
    assert record["charged"] + record["shortfall"] == record["cost"] == recompute(bill_json(record["bill"]))
    return record


async def test_a_client_that_hangs_up_on_a_thinking_model_is_charged_what_it_reports_at_its_end(shop: Shop) -> None:
    lane = shop.lanes["o3-thinking"]
    lane.upstream.script(stream(40, usage=THOUGHT, pause_s=0.01))
    customer = await shop.customer(PLENTY)
    await hang_up_in_the_middle(shop, customer, lane)
    record = await the_record(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "provider")
    assert record["charged"] == 9 * INPUT + 4_000 * OUTPUT
    assert lane.upstream.last.finished


async def test_a_thinking_model_that_never_ends_is_stopped_and_charged_by_what_it_said(shop: Shop) -> None:
    lane = shop.lanes["o3-endless"]
    lane.upstream.script(stream(10_000, pause_s=0.02))
    customer = await shop.customer(PLENTY)
    await hang_up_in_the_middle(shop, customer, lane)
    await lane.upstream.last.hang_up(DRAIN_S + 3)
    record = await the_record(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "estimated")
    assert record["charged"] > (READ + 10) * OUTPUT, "what it said while it was listened to counts"


async def test_an_image_that_only_the_upstream_can_count_is_charged_as_it_does(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-image"]
    lane.upstream.script(stream(20, usage=usage(50_000, 20), pause_s=0.02))
    customer = await shop.customer(PLENTY)
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    await hang_up_in_the_middle(shop, customer, lane, messages=[{"role": "user", "content": [image]}])
    record = await the_record(shop, customer)
    assert (record["usage_source"], record["charged"]) == ("provider", 50_000 * INPUT + 20 * OUTPUT)


@pytest.mark.parametrize(
    ("name", "fields", "reply"),
    [
        ("gpt-4o-plain", {}, completion(delay_s=30)),
        ("gpt-4o-streamed", {"stream": True}, stream(delay_s=30)),
        ("gpt-4o-half-said", {}, raw(b'{"choices": [', Pause(), headers=HALF_A_BODY)),
        ("o3-silent", {"stream": True}, stream(stall_after=0)),
    ],
)
async def test_a_client_that_hangs_up_before_the_first_byte_is_charged_the_prompt_that_was_sent(
    shop: Shop, name: str, fields: dict[str, Any], reply: Reply
) -> None:
    lane = shop.lanes[name]
    lane.upstream.script(reply)
    customer = await shop.customer(PLENTY)
    await hang_up_at_once(shop, customer, lane, messages=LONG_PROMPT, **fields)
    await lane.upstream.last.hang_up(DRAIN_S + 3)
    record = await the_record(shop, customer)
    prompt = await count_prompt(checked({"model": lane.model, "messages": LONG_PROMPT}), lane.model)
    assert (record["status"], record["usage_source"]) == ("aborted", "estimated")
    assert record["charged"] == prompt.tokens * INPUT > 20_000 * INPUT
    assert lane.spare.requests == [], "nobody waits for another"


async def test_an_answer_that_comes_soon_after_its_client_has_gone_is_charged_as_it_is(shop: Shop) -> None:
    lane = shop.lanes["gpt-4o-answering"]
    lane.upstream.script(completion(delay_s=0.5))
    customer = await shop.customer(PLENTY)
    await hang_up_at_once(shop, customer, lane)
    record = await the_record(shop, customer)
    assert (record["status"], record["usage_source"]) == ("aborted", "provider")
    assert (record["tokens"]["prompt"], record["tokens"]["completion"]) == (9, 12)


@pytest.mark.parametrize(
    ("name", "reply", "why"),
    [
        ("broken", raw(b'{"choices": [', Break(), headers=HALF_A_BODY), "the connection broke"),
        ("cut-off", raw(b'{"choices": [', headers={"content-type": "application/json"}), "not a JSON object"),
        ("too-long", raw(*[b" " * 1_000_000] * 70, headers={"content-type": "application/json"}), "too long"),
    ],
)
async def test_an_answer_that_was_paid_for_is_not_sent_twice_and_is_in_the_books_as_a_loss(
    shop: Shop, name: str, reply: Reply, why: str
) -> None:
    lane = shop.lanes[f"gpt-4o-{name}"]
    lane.upstream.script(reply)
    customer = await shop.customer(PLENTY)
    answer = await shop.ask(customer, lane.model, max_tokens=100)
    assert (answer.status_code, error_of(answer)["code"]) == (502, "upstream_error")
    assert (len(lane.upstream.requests), len(lane.spare.requests)) == (1, 0)
    record = await the_record(shop, customer)
    assert (record["status"], record["charged"], record["usage_source"]) == ("error", 0, "estimated")
    assert why in record["error"]
    assert record["shortfall"] == record["cost"] > 10 * OUTPUT
    receipt = await shop.receipt(customer, answer)
    assert parse_usd(receipt["shortfall_usd"]) == record["cost"]
    assert answer.headers.get("x-should-retry") == (None if name == "broken" else "false")


async def test_a_batch_of_embeddings_as_large_as_vendors_send_it_passes(shop: Shop) -> None:
    lane = shop.lanes["text-embedding-3-small-batch"]
    lane.upstream.script(embedding(["A" * 16_384] * 800))
    customer = await shop.customer(PLENTY)
    body = {"model": lane.model, "input": ["Hello"], "encoding_format": "base64"}
    answer = await shop.client.post("/v1/embeddings", json=body, headers=customer.bearer)
    assert answer.status_code == 200
    assert len(answer.content) > 12 * 1024 * 1024
    assert len(orjson.loads(answer.content)["data"]) == 800
    assert (await the_record(shop, customer))["charged"] == 7 * INPUT
    assert lane.spare.requests == []
