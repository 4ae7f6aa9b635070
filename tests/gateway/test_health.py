"""Cool-downs: how long a failing upstream is left alone."""

import pytest

from functions.farebox.gateway.health import FAILURES_TO_SHUT, Health, Shut, Target

A = Target("a", "m")


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
        health.failed(A, caller="u1", started_s=clock())


def cools_for(health: Health, clock: Clock) -> float:
    until_s = health.cools_until("a", "m", "u1")
    return 0.0 if until_s is None else until_s - clock()


def test_an_upstream_is_well_until_it_fails(health: Health) -> None:
    assert health.claim("a", "m", "u1")
    assert health.cools_until("a", "m", "u1") is None


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
    health.succeeded("a", "m", "u1")
    assert health.claim("a", "m", "u1")
    fail(health, clock)
    assert cools_for(health, clock) == 1


def test_an_upstream_that_failed_once_is_still_a_last_resort(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT - 1)
    assert cools_for(health, clock) > 0
    assert health.claim("a", "m", "u1")


def test_an_upstream_that_keeps_failing_is_left_alone(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    assert not health.claim("a", "m", "u1")
    clock.now_s += 3.999
    assert not health.claim("a", "m", "u1")


def test_exactly_one_call_probes_when_the_cool_down_is_over(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    clock.now_s += 4
    assert health.cools_until("a", "m", "u1") is None
    assert [health.claim("a", "m", "u1") for _ in range(3)] == [True, False, False]
    assert health.cools_until("a", "m", "u1") == clock() + 4


def test_a_probe_that_is_never_heard_of_again_is_followed_by_another(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    for _ in range(3):
        clock.now_s += 4
        assert health.claim("a", "m", "u1")
        assert not health.claim("a", "m", "u1")


def test_a_probe_that_fails_doubles_the_cool_down(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    clock.now_s += 4
    assert health.claim("a", "m", "u1")
    fail(health, clock)
    assert cools_for(health, clock) == 8


def test_calls_that_were_under_way_together_fail_as_one(health: Health, clock: Clock) -> None:
    started_s = clock()
    clock.now_s += 0.5
    for _ in range(100):
        health.failed(A, caller="u1", started_s=started_s)
    assert cools_for(health, clock) == 1
    assert health.claim("a", "m", "u1")


@pytest.mark.parametrize(("asked_s", "given_s"), [(0, 1), (0.2, 1), (7, 7), (600, 600), (86_400, 3600)])
def test_a_rate_limits_own_time_counts_within_bounds(
    health: Health, clock: Clock, asked_s: float, given_s: float
) -> None:
    health.failed(A, caller="u1", started_s=clock(), retry_after_s=asked_s)
    assert cools_for(health, clock) == given_s
    assert not health.claim("a", "m", "u1")


def test_upstreams_do_not_share_their_illness(health: Health, clock: Clock) -> None:
    fail(health, clock, FAILURES_TO_SHUT)
    assert health.claim("b", "m", "u1")


def test_a_probe_that_is_never_heard_of_again_delays_the_next_by_a_minute_at_most(health: Health, clock: Clock) -> None:
    health.failed(A, caller="u1", started_s=clock(), retry_after_s=3600)
    clock.now_s += 3600
    assert health.claim("a", "m", "u1")
    assert cools_for(health, clock) == 60


def test_others_are_told_when_an_upstream_is_shut_and_when_it_opens_but_not_of_a_blip(clock: Clock) -> None:
    told: list[tuple[Target, Shut | None]] = []
    health = Health(clock, lambda target, shut: told.append((target, shut)))
    fail(health, clock, FAILURES_TO_SHUT - 1)
    health.succeeded("a", "m", "u1")
    assert told == []
    fail(health, clock, FAILURES_TO_SHUT)
    health.succeeded("a", "m", "u1")
    health.succeeded("a", "m", "u1")
    assert told == [(A, Shut(4.0, FAILURES_TO_SHUT, is_shared=False))]
    for _ in range(FAILURES_TO_SHUT):
        health.failed(Target("b"), caller=None, started_s=clock())
    health.succeeded("b", "m", "u1")
    health.succeeded("b", "m", "u1")
    assert told[1:] == [(Target("b"), Shut(4.0, FAILURES_TO_SHUT)), (Target("b"), None)]


def test_what_others_found_failing_is_shut_here_too_and_told_on_to_nobody(clock: Clock) -> None:
    told: list[Target] = []
    health = Health(clock, lambda target, _shut: told.append(target))
    health.mark_down(A, Shut(20, 3))
    assert not health.claim("a", "m", "u1")
    assert cools_for(health, clock) == 20
    assert told == []


def test_what_is_known_here_to_last_longer_stays(health: Health, clock: Clock) -> None:
    health.failed(A, caller="u1", started_s=clock(), retry_after_s=50)
    health.mark_down(A, Shut(20, 3))
    assert cools_for(health, clock) == 50


def test_what_others_found_well_is_probed_here_before_it_counts_as_well(health: Health, clock: Clock) -> None:
    health.mark_up(Target("a", "m"))
    for _ in range(FAILURES_TO_SHUT):
        health.failed(A, caller=None, started_s=clock())
    health.mark_up(Target("a", "m"))
    assert health.cools_until("a", "m", "u1") is None
    assert health.claim("a", "m", "u1")
    assert not health.claim("a", "m", "u1")


def test_whom_alone_calls_fail_is_shut_out_alone(health: Health, clock: Clock) -> None:
    """A request may fail for what is in it, or because its sender has used up the vendor's patience."""
    for _ in range(20):
        health.failed(A, caller="hostile", started_s=clock(), retry_after_s=600)
        clock.now_s += 1
    assert not health.claim("a", "m", "hostile")
    assert health.claim("a", "m", "honest")
    assert health.cools_until("a", "m", "honest") is None


def test_what_fails_two_callers_is_shut_for_all(health: Health, clock: Clock) -> None:
    told: list[Shut | None] = []
    health = Health(clock, lambda _target, shut: told.append(shut))
    for _ in range(FAILURES_TO_SHUT):
        health.failed(A, caller="one", started_s=clock(), why="status 500")
    assert [shut.is_shared for shut in told if shut] == [False]
    health.failed(A, caller="other", started_s=clock(), why="status 500")
    assert [(shut.is_shared, shut.why) for shut in told if shut][-1] == (True, "status 500")
    assert not health.claim("a", "m", "third")


def test_a_limit_that_several_callers_met_is_looked_at_again_within_a_minute(health: Health, clock: Clock) -> None:
    for caller in ("one", "other"):
        health.failed(A, caller=caller, started_s=clock(), retry_after_s=3600)
    assert not health.claim("a", "m", "third")
    clock.now_s += 60
    assert health.claim("a", "m", "third")


def test_two_callers_in_one_incident_are_two(clock: Clock) -> None:
    told: list[Shut | None] = []
    health = Health(clock, lambda _target, shut: told.append(shut))
    started_s = clock()
    clock.now_s += 1
    health.failed(A, caller="one", started_s=started_s, retry_after_s=20)
    health.failed(A, caller="other", started_s=started_s)
    assert not health.claim("a", "m", "third")
    assert [shut.is_shared for shut in told if shut] == [False, True], "others are told of what is everybody's by now"


def test_a_models_illness_is_no_other_models(health: Health, clock: Clock) -> None:
    for caller in ("one", "other", "third"):
        health.failed(A, caller=caller, started_s=clock(), retry_after_s=600)
    assert not health.claim("a", "m", "one")
    assert health.claim("a", "n", "one")


def test_a_lost_way_to_an_upstream_is_everybodys_and_every_models(health: Health, clock: Clock) -> None:
    for _ in range(FAILURES_TO_SHUT):
        health.failed(Target("a"), caller=None, started_s=clock())
    assert not health.claim("a", "m", "one")
    assert not health.claim("a", "n", "other")
    health.succeeded("a", "n", "u1")
    assert health.claim("a", "m", "one")


def test_a_refusal_of_the_request_says_that_there_is_a_way_and_not_that_the_model_is_well(
    health: Health, clock: Clock
) -> None:
    for caller in ("one", "other", "third"):
        health.failed(A, caller=caller, started_s=clock())
        health.failed(Target("a"), caller=None, started_s=clock())
    health.reached("a")
    assert health.claim("a", "n", "one")
    assert not health.claim("a", "m", "one")


def test_what_has_answered_here_lately_is_not_shut_by_what_others_say(health: Health, clock: Clock) -> None:
    health.succeeded("a", "m", "u1")
    clock.now_s += 30
    health.mark_down(Target("a"), Shut(60, 5))
    health.mark_down(A, Shut(60, 5))
    assert health.claim("a", "m", "u1")
    clock.now_s += 31
    health.mark_down(Target("a"), Shut(60, 5))
    assert not health.claim("a", "m", "u1")


def test_clients_that_name_models_without_end_take_no_memory_without_end(health: Health, clock: Clock) -> None:
    for number in range(30_000):
        health.failed(Target("a", f"m{number}"), caller="u1", started_s=clock(), retry_after_s=60)
    assert health.claim("a", "m0", "u1")
    assert not health.claim("a", "m29999", "u1")


def test_nobody_is_shut_out_of_what_still_answers_others(health: Health, clock: Clock) -> None:
    """Accounts are cheap: two of them are one attacker."""
    for _ in range(100):
        health.succeeded("a", "m", "honest")
        for caller in ("one", "other", "third"):
            health.failed(A, caller=caller, started_s=clock(), retry_after_s=3500)
        clock.now_s += 5
        assert health.claim("a", "m", "honest")
    assert not health.claim("a", "m", "one")


def test_who_has_a_cool_down_of_his_own_does_not_take_the_probe_of_all(health: Health, clock: Clock) -> None:
    for caller in ("one", "other"):
        health.failed(A, caller=caller, started_s=clock(), retry_after_s=3500)
    assert not health.claim("a", "m", "honest")
    clock.now_s += 60
    assert not health.claim("a", "m", "one")
    assert not health.claim("a", "m", "other")
    assert health.claim("a", "m", "honest")


def test_what_a_request_may_have_caused_is_never_everybodys(health: Health, clock: Clock) -> None:
    for caller in ("one", "other", "third"):
        for _ in range(FAILURES_TO_SHUT):
            health.failed(A, caller=caller, started_s=clock(), is_shared=False)
    assert health.claim("a", "m", "honest")
    assert not health.claim("a", "m", "third")
