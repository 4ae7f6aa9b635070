"""What a process remembers of its upstreams' load."""

import math

import pytest

from functions.farebox.gateway.load import STALE_S, Load


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(clock: Clock) -> Load:
    return Load(clock)


def expected_s(load: Load, *, stream: bool = False) -> float:
    return load.expected_s("a", "m", stream=stream)


def test_calls_count_as_under_way_until_they_end(load: Load) -> None:
    load.begin("a")
    load.begin("a")
    load.end("a")
    assert (load.under_way("a"), load.under_way("b")) == (1, 0)


def test_an_unknown_upstream_is_worth_one_call_at_a_time(load: Load) -> None:
    assert expected_s(load) == 0
    load.begin("a")
    assert expected_s(load) == math.inf


def test_the_average_follows_what_happens_without_jumping(load: Load) -> None:
    load.answered("a", "m", stream=False, latency_s=1.0)
    assert expected_s(load) == 1.0
    load.answered("a", "m", stream=False, latency_s=2.0)
    assert expected_s(load) == pytest.approx(1.2)
    for _ in range(50):
        load.answered("a", "m", stream=False, latency_s=2.0)
    assert expected_s(load) == pytest.approx(2.0, rel=0.01)


def test_streams_and_whole_answers_are_not_compared(load: Load) -> None:
    load.answered("a", "m", stream=False, latency_s=9.0)
    assert expected_s(load, stream=True) == 0


def test_a_latency_that_is_old_is_unknown(load: Load, clock: Clock) -> None:
    load.answered("a", "m", stream=False, latency_s=9.0)
    clock.now_s = STALE_S - 1
    assert expected_s(load) == 9.0
    clock.now_s = STALE_S
    assert expected_s(load) == 0
    load.answered("a", "m", stream=False, latency_s=1.0)
    assert expected_s(load) == 1.0
