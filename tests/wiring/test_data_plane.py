"""Opening the data plane: what a cold start reads, it reads side by side."""

import asyncio

import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.storage import Store
from tests.simulation.memory_engine import MemoryEngine
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running
from tests.support.storage.instrumented_engines import DistantEngine

ECHO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
OPENING = 2  # what is seeded, who is healthy, and the key; then upstreams and prices, and the account
LEASE = 2  # read, and commit
RECORD = 2  # pending, and complete


async def test_the_first_paid_answer_waits_for_few_round_trips_in_a_row() -> None:
    database = MemoryEngine()
    customer = await open_customer(Store(database), "1")
    async with running(Store(database)) as instance:  # which seeds it
        assert (await instance.ask(customer.bearer, ECHO)).status_code == 200
    distant = DistantEngine(database)
    async with running(Store(distant)) as instance:
        answer = await instance.ask(customer.bearer, ECHO)
        waited = distant.round_trips

    assert answer.status_code == 200
    assert waited <= OPENING + LEASE + RECORD


async def test_a_start_that_is_refused_leaves_nothing_running(caplog: pytest.LogCaptureFixture) -> None:
    """What still read would find the store closed, and tell of that beside the refusal."""
    distant = DistantEngine(MemoryEngine())
    async with running(
        Store(distant), FAREBOX_UPSTREAMS='[{"id": "a", "base_url": "echo:", "models": []}]'
    ) as instance:
        with pytest.raises(BadConfig):
            await instance.runtime.data_plane()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert caplog.messages == []
