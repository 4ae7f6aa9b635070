"""A stream whose upstream refuses to count it is counted here, and charged."""

from typing import Any

import orjson

from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import Received, Reply, StandIn, status, stream

PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
BODY: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


def refusing(received: Received) -> Reply:
    if "stream_options" in received.json:
        return status(400, message="Unknown parameter: stream_options", error={"param": "stream_options"})
    return stream(10, usage=None)


async def test_it_is_charged_by_our_count_and_what_may_be_hidden_is_in_the_books(sqlite_store: Store) -> None:
    async with StandIn() as upstream:
        upstream.default = refusing
        entry = upstream.entry("up", "plain-model", "o3-mini")
        async with running(
            sqlite_store,
            pricing={"plain-model": PRICE, "o3-mini": PRICE},
            FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode(),
        ) as instance:
            customer = await open_customer(sqlite_store, "10")
            for model in ("plain-model", "plain-model", "o3-mini"):
                answer = await instance.ask(customer.bearer, {**BODY, "model": model})
                assert answer.status_code == 200
                assert '"usage":{' in answer.text
                assert answer.text.endswith("data: [DONE]\n\n")
        records = {record["model"]: record for record in (await books_of(sqlite_store, customer.uid)).records}
    assert ["stream_options" in one.json for one in upstream.requests] == [True, False, False, False]
    plain, thinking = records["plain-model"], records["o3-mini"]
    assert plain["tokens"]["completion"] == thinking["tokens"]["completion"] >= 10
    assert plain["charged"] == thinking["charged"] > 0
    assert plain["usage_source"] in ("counted", "estimated")
    assert not plain.get("lost")
    assert thinking["lost"] > 0
