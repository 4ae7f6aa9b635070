"""Cool-downs: how long a failing upstream is left alone."""

import pytest

from functions.farebox.gateway.health import FAILURES_TO_SHUT, Health, Shut


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def fail(health: Health, clock: Clock, times: int = 1) -> None:
    for _ in range(times):
        health.failed("a", started_s=clock())


def cools_for(health: Health, clock: Clock) -> float:
    until_s = health.cools_until("a")
    return 0.0 if until_s is None else until_s - clock()


def test_an_upstream_is_well_until_it_fails(health: Health) -> None:
    assert health.claim("a")
    assert health.cools_until("a") is None


def test_the_cool_down_doubles_from_one_second_to_a_minute(health: Health, clock: Clock) -> None:
    seen = []
    for _ in range(9):
        fail(health, clock)
        seen.append(cools_for(health, clock))
        clock.now_s += seen[-1]
    assert seen == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_years_of_failures_do_not_overflow(health: Health, clock: Clock) -> None:
    fail(health, clock, 5000)
    assert cools_for(health, clock) == 60


def test_a_success_ends_the_cool_down(health: Health, clock: Clock) -> None:
    fail(health, clock, 5)
    health.succeeded("a")
    assert health.claim("a")
    fail(health, clock)
    assert cools_for(health, clock) == 1


def test_an_upstream_that_failed_once_is_still_a_last_resort(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT - 1)
    assert cools_for(health, clock) > 0
    assert health.claim("a")


def test_an_upstream_that_keeps_failing_is_left_alone(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    assert not health.claim("a")
    clock.now_s += 3.999
    assert not health.claim("a")


def test_exactly_one_call_probes_when_the_cool_down_is_over(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    clock.now_s += 4
    assert health.cools_until("a") is None
    assert [health.claim("a") for _ in range(3)] == [True, False, False]
    assert health.cools_until("a") == clock() + 4


def test_a_probe_that_is_never_heard_of_again_is_followed_by_another(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    for _ in range(3):
        clock.now_s += 4
        assert health.claim("a")
        assert not health.claim("a")


def test_a_probe_that_fails_doubles_the_cool_down(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    clock.now_s += 4
    assert health.claim("a")
    fail(health, clock)
    assert cools_for(health, clock) == 8


def test_calls_that_were_under_way_together_fail_as_one(health: Health, clock: Clock) -> None:
    started_s = clock()
    clock.now_s += 0.5
    for _ in range(100):
        health.failed("a", started_s=started_s)
    assert cools_for(health, clock) == 1
    assert health.claim("a")


@pytest.mark.parametrize(("asked_s", "given_s"), [(0, 1), (0.2, 1), (7, 7), (600, 600), (86_400, 3600)])
def test_a_rate_limits_own_time_counts_within_bounds(
    health: Health, clock: Clock, asked_s: float, given_s: float
) -> None:
    health.failed("a", started_s=clock(), retry_after_s=asked_s)
    assert cools_for(health, clock) == given_s
    assert not health.claim("a")


def test_upstreams_do_not_share_their_illness(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    assert health.claim("b")


def test_a_probe_that_is_never_heard_of_again_delays_the_next_by_a_minute_at_most(health: Health, clock: Clock) -> None:
    health.failed("a", started_s=clock(), retry_after_s=3600)
    clock.now_s += 3600
    assert health.claim("a")
    assert cools_for(health, clock) == 60


def test_others_are_told_when_an_upstream_is_shut_and_when_it_opens_but_not_of_a_blip(clock: Clock) -> None:
    told: list[tuple[str, Shut | None]] = []
    health = Health(clock, lambda upstream_id, shut: told.append((upstream_id, shut)))
    fail(health, clock, FAILURES_TO_SHUT - 1)
    health.succeeded("a")
    assert told == []
    fail(health, clock, FAILURES_TO_SHUT)
    health.succeeded("a")
    health.succeeded("a")
    assert told == [("a", Shut(4.0, FAILURES_TO_SHUT)), ("a", None)]


def test_what_others_found_failing_is_shut_here_too_and_told_on_to_nobody(clock: Clock) -> None:
    told: list[str] = []
    health = Health(clock, lambda upstream_id, _shut: told.append(upstream_id))
    health.mark_down("a", Shut(20, 3))
    assert not health.claim("a")
    assert cools_for(health, clock) == 20
    assert told == []


def test_what_is_known_here_to_last_longer_stays(health: Health, clock: Clock) -> None:
    health.failed("a", started_s=clock(), retry_after_s=50)
    health.mark_down("a", Shut(20, 3))
    assert cools_for(health, clock) == 50


def test_what_others_found_well_is_probed_here_before_it_counts_as_well(health: Health, clock: Clock) -> None:
    health.mark_up("a")
    fail(health, clock, FAILURES_TO_SHUT)
    health.mark_up("a")
    assert health.cools_until("a") is None
    assert health.claim("a")
    assert not health.claim("a")
