"""Processes that are killed, and processes that are asked to stop: upstream cost = charges + reported losses.

The stand-in upstream lives in the test and remembers what it was asked and what it answered to the end. After every
kind of end its memory is held against the usage records, the ledger and what the clients were told.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.edge.asgi.shutdown import CLOSE_TIMEOUT_S, DRAIN_TIMEOUT_S
from functions.farebox.leases.sweep import sweep
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Data, Filter, Query, Store
from functions.farebox.tokens.usage.usage import Usage
from functions.farebox.usage.record import LOST
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.load import MODEL, Answer, Crowd, completion_of
from tests.support.money.customers import open_customer
from tests.support.money.reconciliation import nothing_is_reserved, reconcile
from tests.support.money.wallet_books import clean_audit
from tests.support.product.server_fleet import Fleet
from tests.support.stand_ins.upstream import Received, Reply, StandIn, completion, stream

PRICING = {MODEL: {"input_usd_per_1m": "2", "output_usd_per_1m": "8", "request_usd": "0.0001"}}
PRICE = Price.from_config(MODEL, PRICING[MODEL])
USAGE = Usage(prompt_tokens=100, completion_tokens=200)  # more than what is ever cut off on the way can come to
PROMPT = "word " * 60
PLAIN = completion_of(PROMPT, max_tokens=200)
STREAMED = completion_of(PROMPT, max_tokens=200, stream=True)
STALLED = completion_of(PROMPT + "stall", max_tokens=200, stream=True)
LOAD = [PLAIN] * 10 + [STREAMED] * 10
TTL_S = 1800
KILLED_AFTER_S = 10.0  # by Cloud Run


def upstream_rule(rng: random.Random, store: Store) -> Any:
    """Answers that take as long as a quick model's, and never come sooner than the journal is written: that an upstream
    is quicker than the store is the one way for a killed process to lose what it cost."""
    usage = {"prompt_tokens": USAGE.prompt_tokens, "completion_tokens": USAGE.completion_tokens}

    def answer(received: Received) -> Reply:
        body = received.json
        request_id = received.headers["x-request-id"]

        async def journalled() -> None:
            while not await store.query(Query("usage", (Filter("request_id", "==", request_id),), limit=1)):
                await asyncio.sleep(0.05)

        if not body.get("stream"):
            return replace(completion(usage=usage, delay_s=rng.uniform(0.1, 0.4)), after=journalled)
        stall = 3 if body["messages"][0]["content"].endswith("stall") else None
        said = stream(usage=usage, delay_s=0.1, pause_s=rng.uniform(0.0, 0.1), stall_after=stall)
        return replace(said, after=journalled)

    return answer


async def kill_again_and_again(store_url: str, folder: Path, times: int, seed: int) -> None:
    rng = random.Random(seed)
    # No lease expires meanwhile: the processes sweep, too, and it is to be one sweep that puts everything right.
    patient = {"FAREBOX_LEASE_TTL_S": str(TTL_S), "FAREBOX_SETTLE_INTERVAL_S": "1"}
    async with (
        StandIn() as upstream,
        Fleet(folder, store_url, pricing=PRICING, upstreams=[upstream.entry()], **patient) as fleet,
    ):
        upstream.default = upstream_rule(rng, fleet.store)
        customer = await open_customer(fleet.store, "1000")
        crowd = Crowd(fleet.client, customer.bearer)
        [member] = await fleet.start()
        for life in range(times):
            successor = asyncio.create_task(fleet.start())
            crowd.start(member.url, *LOAD, name=f"life{life}")
            await asyncio.sleep(rng.uniform(0.05, 1.2))
            while life == times - 1 and not any(answer.complete for answer in crowd.answers):
                await asyncio.sleep(0.05)  # a busy machine answers nobody in so short a life
            await member.kill()
            await crowd.stop()
            [member] = await successor
        await member.terminate()
        swept = await sweep(fleet.store, utc_now() + timedelta(seconds=TTL_S))
        await nothing_is_reserved(fleet.store)
        await clean_audit(fleet.store)
        records = await reconcile(fleet.store, upstream.requests, PRICE, USAGE, crowd.answers)
        lost = [record for record in records.values() if record["status"] == LOST]
        assert len(lost) == swept.lost > 0, "something was under way when the processes died"
        assert any(answer.complete for answer in crowd.answers)


@pytest.mark.timeout(300)
async def test_after_twenty_kills_and_one_sweep_the_books_are_what_the_upstream_did(
    sqlite_url: str, tmp_path: Path
) -> None:
    await kill_again_and_again(sqlite_url, tmp_path, times=20, seed=20)


async def test_after_five_kills_and_one_sweep_the_books_on_firestore_are_what_the_upstream_did(
    firestore_url: str, tmp_path: Path
) -> None:
    await kill_again_and_again(firestore_url, tmp_path, times=5, seed=5)


@pytest.mark.parametrize("target", [None, "chat"], ids=["everything", "function"])
async def test_stopping_under_load_loses_nothing_and_leaves_nothing_reserved(
    store_url: str, tmp_path: Path, target: str | None
) -> None:
    rng = random.Random(15)
    async with (
        StandIn() as upstream,
        Fleet(tmp_path, store_url, pricing=PRICING, upstreams=[upstream.entry()]) as fleet,
    ):
        upstream.default = upstream_rule(rng, fleet.store)
        customer = await open_customer(fleet.store, "1000")
        crowd = Crowd(fleet.client, customer.bearer)
        for life, load in enumerate((LOAD, [*LOAD, STALLED])):
            [member] = await fleet.start(target=target)
            crowd.start(member.url, *load, name=f"life{life}")
            await asyncio.sleep(rng.uniform(0.5, 1.5))
            await member.terminate()
            await crowd.stop()
            assert "Traceback" not in member.log.read_text(), member.log.read_text()
        await nothing_is_reserved(fleet.store)
        await clean_audit(fleet.store)
        records = await reconcile(fleet.store, upstream.requests, PRICE, USAGE, crowd.answers)
        assert LOST not in {record["status"] for record in records.values()}
        check_cut(crowd.answers, records)


def test_what_an_end_may_take_is_over_before_cloud_run_kills() -> None:
    assert DRAIN_TIMEOUT_S + CLOSE_TIMEOUT_S < KILLED_AFTER_S


def check_cut(answers: Sequence[Answer], records: Mapping[str, Data]) -> None:
    """The streams that did not come to their end say so, and are charged for what was relayed."""
    cut = [answer for answer in answers if answer.streamed and not answer.complete]
    assert cut, "one would never have ended"
    for answer in cut:
        record = records[answer.request_id]
        assert record["status"] == "aborted"
        assert record["tokens"]["completion"] > 0 or b"content" not in answer.body
        assert answer.body.rstrip().rpartition(b"\n\n")[2].startswith(b'data: {"error":'), answer.body[-300:]
