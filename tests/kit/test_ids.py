import random
import re

from functions.farebox.kit.ids import Ids

MANY = 1_000


def test_ids_are_never_given_twice() -> None:
    ids = Ids()
    given = [*(ids.new("x_") for _ in range(MANY)), *(ids.next("x_") for _ in range(MANY))]
    assert len(set(given)) == 2 * MANY
    assert all(re.fullmatch("x_[0-9A-Za-z]{20,24}", each) for each in given)


def test_those_that_follow_each_other_lie_beside_each_other_and_apart_from_other_processes() -> None:
    time = [1_764_144_000.0]
    here, there = (Ids(random.Random(seed), clock=lambda: time[0]) for seed in (1, 2))
    given = []
    for _ in range(MANY):
        time[0] += 0.001
        given.append((here.next("x_"), there.next("x_")))
    ours, theirs = ([pair[side] for pair in given] for side in (0, 1))
    assert ours == sorted(ours)
    assert theirs == sorted(theirs)
    assert not any(ours[0] < other < ours[-1] for other in theirs)


def test_a_clock_that_stands_still_or_goes_back_gives_no_id_twice() -> None:
    times = iter([7.0, 7.0, 7.0, 5.0, 6.0, 7.0])
    ids = Ids(random.Random(1), clock=lambda: next(times))
    given = [ids.next() for _ in range(6)]
    assert given == sorted(set(given))
