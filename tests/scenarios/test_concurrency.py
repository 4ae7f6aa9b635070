"""A crowd on one wallet: what is admitted is what is paid for, on any number of processes, and happens once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.protocol import Step, take_step
from functions.farebox.leases.sweep import sweep
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.storage import Filter, Store
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.load import MODEL, Answer, ask, completion_of
from tests.support.money.customers import open_customer, wallet_of
from tests.support.money.reconciliation import nothing_is_reserved, records_by_request
from tests.support.money.wallet_books import clean_audit
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import running
from tests.support.product.runtime import Clock
from tests.support.product.server_fleet import Fleet
from tests.support.stand_ins.upstream import StandIn, completion

DIME = {MODEL: {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "request_usd": "0.10"}}


def check_refusal(answer: Answer) -> None:
    assert answer.status == 402, (answer.status, answer.body)
    assert answer.json["error"]["code"] == "credit_balance_exhausted"
    assert answer.headers["x-should-retry"] == "false"


async def a_thousand_at_once(store_url: str, folder: Path, processes: int) -> None:
    async with StandIn() as upstream, Fleet(folder, store_url, pricing=DIME, upstreams=[upstream.entry()]) as fleet:
        customer = await open_customer(fleet.store, "5.00")
        members = await fleet.start(processes)
        answers = await asyncio.gather(
            *(
                ask(fleet.client, members[n % processes].url, customer.bearer, f"r{n}", completion_of())
                for n in range(1000)
            )
        )
        assert Counter(answer.status for answer in answers) == {200: 50, 402: 950}
        for answer in answers:
            if answer.status != 200:
                check_refusal(answer)
        assert len(upstream.requests) == 50
        for member in members:
            await member.terminate()
        wallet = await wallet_of(fleet.store, customer.uid)
        assert (wallet.balance, wallet.reserved) == (0, 0)
        await nothing_is_reserved(fleet.store)
        done = await clean_audit(fleet.store)
        assert done.records == 50
        charged = [record["charged"] for record in (await records_by_request(fleet.store)).values()]
        assert charged == [NANOS_PER_USD // 10] * 50


async def test_a_thousand_requests_of_a_dime_on_five_dollars_are_fifty_answers_from_one_process(
    sqlite_url: str, tmp_path: Path
) -> None:
    await a_thousand_at_once(sqlite_url, tmp_path, 1)


async def test_a_thousand_requests_of_a_dime_on_five_dollars_are_fifty_answers_from_three_processes(
    firestore_url: str, tmp_path: Path
) -> None:
    await a_thousand_at_once(firestore_url, tmp_path, 3)


async def test_a_step_that_is_taken_many_times_happens_once(store: Store) -> None:
    customer = await open_customer(store, "1.00")
    clock = Clock()
    opening = Step(
        uid=customer.uid,
        key=KeyTerms(customer.key_id),
        lease_id="lease1",
        instance="instance1",
        number=1,
        spent=0,
        totals=UsageAggregates(),
        expires_at=clock() + timedelta(seconds=60),
        asks=[Ask(ideal=1000, minimum=1000)] * 3,
    )
    totals = UsageAggregates()
    totals.add(("2026-11-21", "2026-11-21", MODEL), {"requests": 2, "charged": 1500})
    settling = replace(opening, number=2, spent=1500, totals=totals, asks=(), close=True)
    for step in (opening, settling):
        outcomes = await asyncio.gather(
            *(store.transact(lambda tx, step=step: take_step(tx, step, clock())) for _ in range(5))  # type: ignore[misc]
        )
        assert len({(outcome.granted, outcome.settled, outcome.balance) for outcome in outcomes}) == 1
    wallet = await wallet_of(store, customer.uid)
    assert (wallet.balance, wallet.reserved, wallet.seq) == (NANOS_PER_USD - 1500, 0, 2)
    assert (await store.sums("usage_days", ["requests", "charged"]))["requests"] == 2


async def test_five_sweeps_at_once_close_a_dead_instances_lease_once_and_lose_its_request_once(store: Store) -> None:
    customer = await open_customer(store, "1.00")
    async with StandIn() as upstream:
        upstream.script(completion(), completion(), completion(delay_s=60))
        instance = running(store, pricing=DIME, upstream=upstream)
        dead = await instance.__aenter__()
        for _ in range(2):
            assert (await dead.ask(customer.bearer, completion_of())).status_code == 200
        hanging = asyncio.create_task(dead.ask(customer.bearer, completion_of()))
        await upstream.asked(3)
        await pending_records(store, 1)
        swept = await asyncio.gather(*(sweep(store, utc_now() + timedelta(minutes=5)) for _ in range(5)))
        assert sum(each.leases for each in swept) == 1
        assert sum(each.lost for each in swept) == 1
        wallet = await wallet_of(store, customer.uid)
        assert (wallet.balance, wallet.reserved) == (8 * NANOS_PER_USD // 10, 0)
        await clean_audit(store)
        await sweep(store, utc_now() + timedelta(minutes=6))
        assert await wallet_of(store, customer.uid) == wallet
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        await instance.__aexit__(None, None, None)


async def test_a_request_whose_lease_was_swept_under_it_is_charged_once_late(store: Store) -> None:
    customer = await open_customer(store, "1.00")
    async with StandIn() as upstream, running(store, pricing=DIME, upstream=upstream) as instance:
        upstream.script(completion(delay_s=1.0))
        asking = asyncio.create_task(instance.ask(customer.bearer, completion_of()))
        await upstream.asked()
        await pending_records(store, 1)
        later = utc_now() + timedelta(minutes=5)
        await asyncio.gather(sweep(store, later), sweep(store, later))
        assert (await wallet_of(store, customer.uid)).balance == NANOS_PER_USD
        assert (await asking).status_code == 200
        await asyncio.gather(*(sweep(store, later) for _ in range(3)))
        wallet = await wallet_of(store, customer.uid)
        assert (wallet.balance, wallet.reserved) == (9 * NANOS_PER_USD // 10, 0)
        [record] = (await records_by_request(store)).values()
        assert (record["status"], record["late"], record["was_lost"]) == ("ok", True, True)
        await clean_audit(store)


async def pending_records(store: Store, count: int) -> None:
    """Wait until so many requests are journalled as pending."""
    async with asyncio.timeout(PATIENCE_S):
        while await store.count("usage", Filter("status", "==", "pending")) != count:
            await asyncio.sleep(0.01)
