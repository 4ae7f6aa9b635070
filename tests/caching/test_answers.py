"""The cache itself, bounded by time and by memory."""

from typing import Any

import pytest

from functions.farebox.caching.answers import MOST_BYTES, AnswerCache
from functions.farebox.storage import Store
from tests.support.product.runtime import Clock


def cache(store: Store, clock: Clock, **options: Any) -> AnswerCache:
    return AnswerCache(store, **{"ttl_s": 60, "memory_bytes": 100, "now": clock, **options})


async def body_of(answers: AnswerCache, key: str, max_age_s: int | None = None) -> bytes | None:
    found = await answers.get(key, max_age_s)
    return None if found is None else found.body


async def test_an_answer_is_known_here_and_to_other_instances_until_its_time_is_over(store: Store) -> None:
    clock = Clock()
    first = cache(store, clock)
    first.put("k", b"said \xff", "m", "p")
    await first.close()
    second = cache(store, clock)
    assert await body_of(first, "k") == await body_of(second, "k") == b"said \xff"
    clock.forward(seconds=59)
    assert await body_of(first, "k") == await body_of(second, "k") == b"said \xff"
    clock.forward(seconds=1)
    assert await body_of(first, "k") is await body_of(second, "k") is None
    assert await body_of(first, "other") is None


async def test_a_client_may_ask_for_younger_answers_and_not_for_older_ones(sqlite_store: Store) -> None:
    clock = Clock()
    answers = cache(sqlite_store, clock)
    answers.put("k", b"said", "m", "p")
    await answers.close()
    clock.forward(seconds=10)
    assert await body_of(answers, "k", 10) is None
    assert await body_of(answers, "k", 11) == b"said"
    clock.forward(seconds=50)
    assert await body_of(answers, "k", 1_000) is None


async def test_memory_is_bounded_and_loses_what_was_used_least_recently(sqlite_store: Store) -> None:
    answers = cache(sqlite_store, Clock(), memory_bytes=10)
    for key in "ab":
        answers.put(key, b"12345", "m", "p")
    await answers.close()
    await answers.get("a")
    answers.put("c", b"12345", "m", "p")
    await answers.close()
    await sqlite_store.close()  # what is still known is in memory
    assert await body_of(answers, "a") == b"12345"
    assert await body_of(answers, "c") == b"12345"
    with pytest.raises(Exception, match="closed"):
        await answers.get("b")


async def test_what_is_too_large_is_not_kept(sqlite_store: Store) -> None:
    answers = cache(sqlite_store, Clock(), memory_bytes=10 * MOST_BYTES)
    answers.put("k", bytes(MOST_BYTES + 1), "m", "p")
    assert await answers.get("k") is None
