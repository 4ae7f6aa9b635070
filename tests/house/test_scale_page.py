"""The page on scale says what its simulation comes to, which asks of the database what the product does."""

import asyncio
from datetime import UTC, datetime, timedelta

from benchmarks.machine import ROOT
from benchmarks.scale import contention, lease_use
from benchmarks.scale.limits import CLOSE, GRANT, RECORD, SETTLE, Documents
from benchmarks.scale.report import figures, replaced
from functions.farebox.storage import Store
from tests.simulation.memory_engine import MemoryEngine
from tests.simulation.virtual_loop import run_virtually
from tests.support.money.customers import open_customer
from tests.support.product.in_process import AS_SHIPPED_S, running
from tests.support.storage.instrumented_engines import CountingEngine

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ECHO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
OF_LEASES = ("leases", "wallets", "transactions", "key_windows", "usage_days", "system_days", "usage")


def test_the_figures_are_what_the_simulation_comes_to() -> None:
    page = (ROOT / "docs/scale.md").read_text()

    assert replaced(page, figures()) == page, "python -m benchmarks.scale writes them anew"


def test_a_request_and_its_leases_steps_are_the_documents_that_the_simulation_counts() -> None:
    """A lone request: its lease is opened, settled after it, and closed when it has been idle."""

    async def ask() -> Documents:
        loop = asyncio.get_running_loop()
        engine = CountingEngine(MemoryEngine())
        store = Store(engine)

        def now() -> datetime:
            return START + timedelta(seconds=loop.time())

        customer = await open_customer(store, "1000")
        async with running(store, now=now, FAREBOX_SETTLE_INTERVAL_S=AS_SHIPPED_S) as instance:
            engine.reset()
            assert (await instance.ask(customer.bearer, ECHO)).status_code == 200
            await asyncio.sleep(3 * lease_use.INTERVAL_S)
            return Documents(
                *(sum(counts[name] for name in OF_LEASES) for counts in (engine.reads, engine.writes, engine.deletes))
            )

    assert run_virtually(ask()) == RECORD.plus(GRANT).plus(SETTLE).plus(CLOSE)


def test_many_writers_of_one_document_come_to_what_was_measured_on_the_emulator() -> None:
    """32 writers that do nothing else made 93 to 133 commits a second there, where a round trip takes a few ms."""
    played = contention.play(32, 0.05, read_s=0.003, commit_s=0.006)

    assert 80 <= played.done_s <= 150
