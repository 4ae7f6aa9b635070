"""A lease as it is stored: what may become of it, and that its document stays as it has always been."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.leases.lease import Lease, WindowSlice, count_decided, lease_path
from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.rate_windows import Slice
from functions.farebox.limits.tenant_budget import Membership
from functions.farebox.storage import Document
from functions.farebox.usage.aggregates import UsageAggregates
from tests.support.product.runtime import START

SOON = START + timedelta(seconds=60)
WINDOW = WindowSlice("2026-11-21T12:00", Slice(3, 500), "2026-11-21", 4)
NEW = Lease("l1", "ada", "key-1", "i1", Scope("2026-11", Membership("acme", "2026-11")), SOON)

OPEN: dict[str, Any] = {
    "user": "ada",
    "key": "key-1",
    "instance": "i1",
    "state": "open",
    "seq": 1,
    "granted": 1000,
    "settled": 300,
    "totals": [{"date": "2026-11-21", "model": "m", "counts": {"requests": 2, "charged": 300}}],
    "period": "2026-11",
    "tenant": "acme",
    "tenant_period": "2026-11",
    "expires_at": SOON,
    "window": {"minute": "2026-11-21T12:00", "requests": 3, "tokens": 500, "day": "2026-11-21", "day_requests": 4},
}
SWEPT = {**OPEN, "state": "closed", "granted": 300, "decided": 7, "closed_by": "sweep", "closed_at": SOON}


def spent(amount: int) -> UsageAggregates:
    totals = UsageAggregates()
    totals.add(("2026-11-21", "2026-11-21", "m"), {"requests": 2, "charged": amount})
    return totals


def test_a_lease_is_written_field_by_field_as_it_has_always_been() -> None:
    lease = NEW.extended_by(1000).settled_at(300, spent(300)).stepped(1, SOON, WINDOW)
    assert lease.to_data() == OPEN


@pytest.mark.parametrize("data", [OPEN, {**OPEN, "decided": 2}, SWEPT], ids=["open", "half swept", "swept"])
def test_a_stored_lease_is_written_again_as_it_was_read(data: dict[str, Any]) -> None:
    assert Lease.from_data("l1", data).to_data() == data


def test_a_lease_from_before_there_were_tenants_opens() -> None:
    old = {name: value for name, value in OPEN.items() if name not in ("tenant", "tenant_period", "window")}
    lease = Lease.from_data("l1", old)
    assert (lease.scope, lease.window) == (Scope("2026-11"), None)
    assert lease.closed_by is None and not lease.decided


def test_what_is_neither_settled_nor_returned_is_unspent() -> None:
    lease = NEW.extended_by(1000).settled_at(300, spent(300)).reduced_by(200)
    assert (lease.granted, lease.settled, lease.unspent) == (800, 300, 500)


def test_what_a_lease_has_spent_never_shrinks_and_is_never_more_than_was_granted() -> None:
    lease = NEW.extended_by(1000).settled_at(300, spent(300))
    with pytest.raises(AssertionError, match="never shrinks"):
        lease.settled_at(299, spent(299))
    with pytest.raises(AssertionError, match="not granted"):
        lease.settled_at(1001, spent(1001))


def test_only_what_is_unspent_comes_back() -> None:
    lease = NEW.extended_by(1000).settled_at(300, spent(300))
    for amount in (-1, 701):
        with pytest.raises(AssertionError):
            lease.reduced_by(amount)


def test_steps_are_taken_in_their_order() -> None:
    lease = NEW.stepped(1, SOON, WINDOW)
    for number in (1, 3):
        with pytest.raises(AssertionError):
            lease.stepped(number, SOON, WINDOW)


def test_no_lease_is_closed_that_keeps_anything_reserved() -> None:
    lease = NEW.extended_by(1)
    for close in (lease.closed, lease.swept):
        with pytest.raises(AssertionError, match="nothing stays reserved"):
            close(START)


def test_a_closed_lease_says_who_closed_it_and_when_and_grants_nothing_more() -> None:
    by_holder, by_sweep = NEW.closed(START), NEW.swept(START)
    assert (by_holder.is_open, by_holder.was_swept, by_holder.closed_at) == (False, False, START)
    assert (by_sweep.is_open, by_sweep.was_swept, by_sweep.closed_at) == (False, True, START)
    for lease in (by_holder, by_sweep):
        with pytest.raises(AssertionError):
            lease.extended_by(1)
        with pytest.raises(AssertionError):
            lease.swept(START)


def test_a_sweep_takes_the_number_of_the_step_that_its_holder_would_take_next() -> None:
    assert NEW.stepped(1, SOON, WINDOW).swept(START).number == 2


def test_a_sweep_counts_what_it_decided_and_changes_nothing_else() -> None:
    seen = Document(lease_path("ada", "l1"), dict(OPEN), "v1")
    first = count_decided(seen, 3)
    assert (first.path, first.fields, first.if_version) == (seen.path, {"decided": 3}, "v1")
    then = Document(seen.path, {**seen.data, **first.fields}, "v2")
    assert count_decided(then, 4).fields == {"decided": 7}
    assert Lease.from_document(then).to_data() == {**OPEN, "decided": 3}


@given(st.lists(st.tuples(st.sampled_from(["extend", "settle", "reduce"]), st.integers(0, 100)), max_size=20))
def test_all_that_is_granted_is_settled_or_comes_back(moves: list[tuple[str, int]]) -> None:
    lease, granted, returned = NEW, 0, 0
    for move, amount in moves:
        part = min(amount, lease.unspent)
        if move == "extend":
            lease, granted = lease.extended_by(amount), granted + amount
        elif move == "settle":
            lease = lease.settled_at(lease.settled + part, spent(lease.settled + part))
        else:
            lease, returned = lease.reduced_by(part), returned + part
        assert 0 <= lease.settled <= lease.granted == granted - returned
    rest = lease.unspent
    ended = lease.reduced_by(rest).closed(START)
    assert ended.settled == ended.granted == granted - returned - rest
    assert Lease.from_data("l1", ended.to_data()).to_data() == ended.to_data()


def test_a_lease_is_never_changed_but_another_takes_its_place() -> None:
    before = NEW.to_data()
    NEW.extended_by(5).reduced_by(5).stepped(1, SOON, WINDOW).closed(START)
    assert NEW.to_data() == before
