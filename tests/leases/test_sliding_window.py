"""A sliding window: all of the last span counts, and nothing that is older than two."""

from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.leases.sliding_window import SlidingWindow

SPAN_S = 10.0
# Seconds since the event before, and an amount.
events = st.lists(st.tuples(st.integers(0, 40).map(lambda quarters: quarters / 4), st.integers(0, 100)), max_size=30)


def test_one_that_has_seen_nothing_is_empty() -> None:
    window = SlidingWindow(SPAN_S)
    assert (window.sum(100.0), window.peak(100.0)) == (0, 0)


def test_what_came_within_the_span_is_summed_and_its_highest_level_is_the_peak() -> None:
    window = SlidingWindow(SPAN_S)
    for at_s, amount in ((100.0, 3), (104.0, 9), (109.0, 5)):
        window.add(at_s, amount)
        window.reach(at_s, amount)
    assert (window.sum(109.5), window.peak(109.5)) == (17, 9)


def test_what_is_older_than_two_spans_is_forgotten() -> None:
    window = SlidingWindow(SPAN_S)
    window.add(100.0, 3)
    window.reach(100.0, 3)
    assert (window.sum(120.0), window.peak(120.0)) == (0, 0)


@given(events, st.integers(0, 100).map(lambda quarters: quarters / 4))
def test_all_of_the_last_span_counts_and_nothing_older_than_two(
    happened: list[tuple[float, int]], later_s: float
) -> None:
    window, at_s, seen = SlidingWindow(SPAN_S), 100.0, []
    for since_s, amount in happened:
        at_s += since_s
        window.add(at_s, amount)
        window.reach(at_s, amount)
        seen.append((at_s, amount))
    now_s = at_s + later_s
    certain = [amount for when_s, amount in seen if now_s - when_s < SPAN_S]
    possible = [amount for when_s, amount in seen if now_s - when_s < 2 * SPAN_S]
    assert sum(certain) <= window.sum(now_s) <= sum(possible)
    assert max(certain, default=0) <= window.peak(now_s) <= max(possible, default=0)
