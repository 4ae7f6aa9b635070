"""The same key and body is one upstream call and one charge."""

import asyncio
import base64
import gc
import random
import threading
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.data_plane.idempotency import (
    EMULATED_PARTS,
    MOST_BYTES,
    MOST_PARTS,
    Claim,
    Idempotency,
    Kept,
    Key,
    read_answer,
)
from functions.farebox.errors import Conflict, IdempotencyMismatch
from functions.farebox.kit.memory_budget import MemoryQueue
from functions.farebox.kit.party import Party
from functions.farebox.storage import Store, Update
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import UsageRecord

PATH, BODY = "/chat/completions", b'{"model": "m"}'
KEY = Key.of("retry-1", PATH, BODY)
ANSWER = Kept({"x-farebox-upstream": "up"}, b'data: {"a": "\xc3\xa9"}\n\ndata: [DONE]\n\n' * 50_000, stream=True)


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


async def claim(keys: Idempotency, record_id: str, raw: bytes = BODY, key: str = "retry-1") -> Claim:
    claimed = await keys.claim(Party("ada"), Key.of(key, PATH, raw), record_id)
    assert isinstance(claimed, Claim)
    return claimed


async def test_an_answer_is_replayed_byte_for_byte(store: Store) -> None:
    keys = Idempotency(store, Clock())
    first = await claim(keys, "r1")
    await store.write(*await first.keep(ANSWER))
    assert await keys.claim(Party("ada"), KEY, "r2") == ANSWER


async def test_an_answer_is_stored_in_the_fields_that_every_version_reads(store: Store) -> None:
    first = await claim(Idempotency(store, Clock()), "r1")
    await store.write(*await first.keep(ANSWER))
    document = await store.get(first.path)
    assert document is not None
    answer = {"status": 200, "stream": True, "headers": {"x-farebox-upstream": "up"}, "parts": 1}
    assert document.data == {**first.data, "state": "done", **answer}


async def test_a_key_in_use_is_in_progress_and_another_body_is_a_mismatch(store: Store) -> None:
    keys = Idempotency(store, Clock())
    await claim(keys, "r1")
    with pytest.raises(Conflict) as running:
        await keys.claim(Party("ada"), KEY, "r2")
    assert running.value.code == "in_progress"
    with pytest.raises(IdempotencyMismatch):
        await keys.claim(Party("ada"), Key.of("retry-1", PATH, b"{}"), "r3")


async def test_one_users_keys_are_none_of_anothers(store: Store) -> None:
    keys = Idempotency(store, Clock())
    await claim(keys, "r1")
    assert isinstance(await keys.claim(Party("bob"), KEY, "r2"), Claim)


async def test_a_request_that_came_to_nothing_frees_its_key(store: Store) -> None:
    keys = Idempotency(store, Clock())
    await keys.release(await claim(keys, "r1"))
    await claim(keys, "r2")


async def test_who_was_taken_for_dead_does_not_let_go_of_what_another_holds_or_has_kept(store: Store) -> None:
    clock = Clock()
    keys = Idempotency(store, clock)
    frozen = await claim(keys, "r1")
    clock.moment += timedelta(minutes=2)
    second = await claim(keys, "r2")
    await keys.release(frozen)
    with pytest.raises(Conflict):
        await keys.claim(Party("ada"), KEY, "r3")
    await store.write(*await second.keep(ANSWER))
    for woken in (frozen, second):  # one whose answer is kept has nothing to let go of any more
        await keys.release(woken)
        assert await keys.claim(Party("ada"), KEY, "r3") == ANSWER


async def test_a_claim_whose_acknowledgement_was_lost_is_as_good_as_another(store: Store) -> None:
    keys = Idempotency(store, Clock())
    await claim(keys, "r1")
    await store.write(*await (await claim(keys, "r1")).keep(ANSWER))
    assert await keys.claim(Party("ada"), KEY, "r2") == ANSWER


async def test_a_key_is_free_again_after_a_day(store: Store) -> None:
    clock = Clock()
    keys = Idempotency(store, clock)
    await store.write(*await (await claim(keys, "r1")).keep(ANSWER))
    clock.moment += timedelta(hours=24)
    await claim(keys, "r2", b"another body")


async def test_a_dead_instances_claim_is_taken_over_once_its_record_is_lost(store: Store) -> None:
    clock = Clock()
    keys = Idempotency(store, clock)
    await claim(keys, "r1")
    record = UsageRecord(user="ada", key="key-1", model="m", created_at=clock())
    journal = Journal(store)
    await journal.await_pending(journal.begin("r1", record))
    clock.moment += timedelta(hours=1)
    with pytest.raises(Conflict):  # it may still run
        await keys.claim(Party("ada"), KEY, "r2")
    await store.write(Update("usage/r1", {"status": "lost"}))
    await claim(keys, "r2")


async def test_a_claim_without_a_record_is_abandoned_after_two_minutes(store: Store) -> None:
    clock = Clock()
    keys = Idempotency(store, clock)
    await claim(keys, "r1")
    clock.moment += timedelta(minutes=2)
    await claim(keys, "r2")


@pytest.mark.parametrize(("part_chars", "most_parts"), [(4, MOST_PARTS), (8, EMULATED_PARTS)])
async def test_an_answer_too_large_to_keep_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, part_chars: int, most_parts: int
) -> None:
    monkeypatch.setattr("functions.farebox.data_plane.idempotency.PART_CHARS", part_chars)
    keys = Idempotency(store, Clock(), most_parts=most_parts)
    await store.write(*await (await claim(keys, "r1")).keep(ANSWER))
    with pytest.raises(Conflict) as refused:
        await keys.claim(Party("ada"), KEY, "r2")
    assert refused.value.code == "answer_not_kept"


async def test_large_answers_that_are_given_again_wait_for_memory_until_others_are_sent(store: Store) -> None:
    memory = MemoryQueue(2 * MOST_BYTES)
    keys = Idempotency(store, Clock(), memory=memory)
    await store.write(*await (await claim(keys, "r1")).keep(ANSWER))
    small = Kept({}, b"a few words", stream=False)
    await store.write(*await (await claim(keys, "r2", key="small")).keep(small))

    async def again() -> bytes:
        answer = await keys.claim(Party("ada"), KEY, "r3")
        assert isinstance(answer, Kept)
        sent.append(answer)
        return answer.body

    sent: list[Kept] = []
    assert await again() == ANSWER.body
    assert memory.taken_bytes == len(ANSWER.body)
    waiting = asyncio.create_task(again())
    assert await keys.claim(Party("ada"), Key.of("small", PATH, BODY), "r4") == small
    await asyncio.sleep(0.05)
    assert not waiting.done()
    sent.clear()
    assert await waiting == ANSWER.body
    sent.clear()
    del waiting
    gc.collect()
    assert memory.taken_bytes == 0


async def test_large_answers_are_packed_and_unpacked_beside_the_event_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noted(work: Callable[..., bytes]) -> Callable[..., bytes]:
        def run(*given: Any) -> bytes:
            threads.append(threading.current_thread())
            return work(*given)

        return run

    monkeypatch.setattr(base64, "b85encode", noted(base64.b85encode))
    monkeypatch.setattr(base64, "b85decode", noted(base64.b85decode))
    keys = Idempotency(store, Clock())
    noise = Kept({}, random.Random(1).randbytes(300_000), stream=False)
    await store.write(*await (await claim(keys, "r1")).keep(noise))
    assert await keys.claim(Party("ada"), KEY, "r2") == noise
    assert len(threads) >= 2
    assert threading.main_thread() not in threads


async def test_large_answers_are_packed_and_unpacked_in_little_memory(store: Store) -> None:
    keys = Idempotency(store, Clock())
    noise = Kept({}, random.Random(1).randbytes(2_000_001), stream=False)
    first = await claim(keys, "r1")
    tracemalloc.start()
    try:
        writes = await first.keep(noise)
        packing_bytes = tracemalloc.get_traced_memory()[1]
        await store.write(*writes)
        found = await store.get(first.path)
        assert found is not None
        tracemalloc.reset_peak()
        before_bytes = tracemalloc.get_traced_memory()[0]
        assert await read_answer(store, found) == noise
        unpacking_bytes = tracemalloc.get_traced_memory()[1] - before_bytes
    finally:
        tracemalloc.stop()
    assert packing_bytes < 8 * len(noise.body)
    assert unpacking_bytes < 16 * len(noise.body)  # with all that the store reads
