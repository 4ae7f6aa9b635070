"""One wallet that is busy on two instances at once: nobody waits in a queue before its document.

For ten seconds in an ordinary run; for a minute with `FAREBOX_SOAK=1`, as in `make soak`.
"""

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack

import httpx
import pytest

from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer, wallet_of
from tests.support.money.reconciliation import nothing_is_reserved, records_by_request
from tests.support.money.wallet_books import clean_audit
from tests.support.product.in_process import AS_SHIPPED_S, running
from tests.support.stand_ins.upstream import StandIn, completion
from tests.support.storage.instrumented_engines import CountingEngine

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
INSTANCES = 2
RATE = 50  # requests a second, over all instances
WARM_UP_S = 3  # in which the leases of a cold instance grow to what it spends
SECONDS = 60 if os.environ.get("FAREBOX_SOAK") else 10


@pytest.mark.timeout(300)
async def test_fifty_requests_a_second_on_one_wallet_meet_no_error_and_write_it_less_than_once_a_second(
    firestore_url: str,
) -> None:
    engines = [CountingEngine(open_engine(firestore_url)) for _ in range(INSTANCES)]
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(StandIn())
        upstream.default = completion(delay_s=0.1)
        stores = [Store(engine) for engine in engines]
        for store in stores:
            stack.push_async_callback(store.close)
        customer = await open_customer(stores[0], "100")
        instances = [
            await stack.enter_async_context(
                running(store, pricing=PRICING, upstream=upstream, FAREBOX_SETTLE_INTERVAL_S=AS_SHIPPED_S)
            )
            for store in stores
        ]
        asked: list[asyncio.Task[httpx.Response]] = []

        async def go_on(seconds: int) -> None:
            """Ask at the rate, in turn, whether or not answers have come."""
            clock = asyncio.get_running_loop().time
            begun_s = clock()
            for number in range(seconds * RATE):
                asked.append(asyncio.create_task(instances[number % INSTANCES].ask(customer.bearer, completion_of())))
                await asyncio.sleep(begun_s + (number + 1) / RATE - clock())

        await go_on(WARM_UP_S)
        for engine in engines:
            engine.reset()
        await go_on(SECONDS)
        for engine in engines:
            assert 0 < engine.written[wallet_path(customer.uid)] < SECONDS, engine.written
        answers = await asyncio.gather(*asked)
        assert Counter(answer.status_code for answer in answers) == {200: len(asked)}

        for instance in instances:
            await instance.stop()
        await nothing_is_reserved(stores[0])
        await clean_audit(stores[0])
        charged = sum(record["charged"] for record in (await records_by_request(stores[0])).values())
        assert (await wallet_of(stores[0], customer.uid)).balance == 100 * 10**9 - charged
