"""A budget: what is reserved, spent and given back of a month, and what becomes of a month that is over."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.limits.budget import Budget, BudgetCounter

THIS, NEXT = "2026-11", "2026-12"
amounts = st.integers(0, 100)


def test_a_new_month_begins_with_nothing_spent_and_nothing_reserved_under_the_same_cap() -> None:
    assert Budget(THIS, 100, spent=30, reserved=20).in_period(NEXT) == Budget(NEXT, 100)


def test_a_month_never_goes_back_where_clocks_disagree() -> None:
    budget = Budget(NEXT, 100, spent=30)
    assert budget.in_period(THIS) == budget


def test_a_budget_that_is_stored_is_read_again_as_it_was_and_one_that_is_not_there_is_empty() -> None:
    budget = Budget(THIS, 100, spent=30, reserved=20)
    assert Budget.from_data(budget.to_data()) == budget
    assert Budget.from_data(None) == Budget()


def test_what_is_spent_and_what_is_reserved_is_no_longer_free() -> None:
    assert Budget(THIS, 100, spent=30, reserved=20).free == 50
    assert Budget(THIS, 40, spent=30, reserved=20).free == 0, "also where the cap was lowered since"
    assert Budget(THIS, None, spent=30).free is None


def test_no_more_is_reserved_than_is_free() -> None:
    counter = BudgetCounter(Budget(THIS, 100, spent=30))
    counter.reserve(70)
    with pytest.raises(AssertionError):
        counter.reserve(1)


def test_no_more_is_settled_than_was_reserved() -> None:
    counter = BudgetCounter(Budget(THIS, 100))
    counter.reserve(10)
    with pytest.raises(AssertionError):
        counter.settle(THIS, spent=6, released=5)
    assert counter.budget == Budget(THIS, 100, reserved=10)


@pytest.mark.parametrize("amount", [-1, -100])
def test_no_amount_is_negative(amount: int) -> None:
    counter = BudgetCounter(Budget(THIS, 100, reserved=50))
    takes: list[Callable[[], None]] = [
        lambda: counter.reserve(amount),
        lambda: counter.spend(THIS, amount),
        lambda: counter.settle(THIS, spent=amount, released=0),
        lambda: counter.settle(THIS, spent=0, released=amount),
    ]
    for take in takes:
        with pytest.raises(AssertionError):
            take()


@given(amounts, amounts)
def test_a_past_months_budget_is_history_and_so_is_not_capped(spent: int, released: int) -> None:
    counter = BudgetCounter(Budget(NEXT, 10, reserved=5))
    counter.settle(THIS, spent=spent, released=released)
    counter.spend(THIS, spent)
    assert counter.budget == Budget(NEXT, 10, reserved=5)
    assert counter.left_in(THIS, 1000) == 1000


@given(st.none() | amounts, amounts, amounts)
def test_what_is_left_for_an_amount_is_no_more_than_it_and_no_more_than_is_free(
    limit: int | None, spent: int, wanted: int
) -> None:
    budget = Budget(THIS, limit, spent=spent)
    left = BudgetCounter(budget).left_in(THIS, wanted)
    assert 0 <= left <= wanted
    assert left == (wanted if budget.free is None else min(wanted, budget.free))


@given(st.lists(st.tuples(amounts, amounts), max_size=10), st.integers(0, 1000))
def test_all_that_is_reserved_is_spent_or_comes_back_and_nothing_else(
    shares: list[tuple[int, int]], limit: int
) -> None:
    counter = BudgetCounter(Budget(THIS, limit))
    taken = []
    for wish, part in shares:
        amount = counter.left_in(THIS, wish)
        counter.reserve(amount)
        taken.append((amount, min(part, amount)))
        assert counter.budget.reserved <= limit
    for amount, spent in taken:
        counter.settle(THIS, spent=spent, released=amount - spent)
    assert counter.budget == Budget(THIS, limit, spent=sum(spent for _, spent in taken))


def test_a_lowered_cap_stops_no_settlement() -> None:
    counter = BudgetCounter(Budget(THIS, 100))
    counter.reserve(80)
    counter.budget = replace(counter.budget, limit=10)
    counter.settle(THIS, spent=80, released=0)
    assert counter.budget == Budget(THIS, 10, spent=80)


@pytest.mark.parametrize("amount", [-1, 1.0, 0.5, "3", True])
@pytest.mark.parametrize("name", ["limit", "spent", "reserved"])
def test_what_is_no_amount_is_in_no_budget(name: str, amount: Any) -> None:
    with pytest.raises(ValueError, match="whole amount"):
        Budget(THIS, **{name: amount})
