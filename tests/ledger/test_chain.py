"""Entries that come in any order are one chain, or are told not to be."""

import random

import pytest

from functions.farebox.ledger.chain import Chain
from functions.farebox.storage import Data

AMOUNTS = (10, -3, 5, -12, 7, 7, -14)


def entries() -> list[Data]:
    """A ledger's, in its order."""
    made: list[Data] = []
    balance = 0
    for seq, amount in enumerate(AMOUNTS, 1):
        made.append({"seq": seq, "amount": amount, "balance_before": balance, "balance_after": balance + amount})
        balance += amount
    return made


def is_whole(ledger: list[Data]) -> bool:
    chain = Chain()
    for entry in random.Random(1).sample(ledger, len(ledger)):
        chain.add(entry)
    return chain.is_whole


def test_a_whole_ledger_is_one_chain_whatever_order_it_is_read_in() -> None:
    assert is_whole(entries())
    assert is_whole([])


@pytest.mark.parametrize("gone", range(len(AMOUNTS) - 1))
def test_an_entry_that_is_missing_parts_it(gone: int) -> None:
    ledger = entries()
    del ledger[gone]
    assert not is_whole(ledger)


@pytest.mark.parametrize("field", ["seq", "amount", "balance_before", "balance_after"])
@pytest.mark.parametrize("changed", range(len(AMOUNTS)))
def test_a_field_that_is_another_parts_it(field: str, changed: int) -> None:
    ledger = entries()
    ledger[changed][field] += 1
    assert not is_whole(ledger)


def test_two_entries_that_changed_places_part_it() -> None:
    ledger = entries()
    ledger[1]["seq"], ledger[2]["seq"] = ledger[2]["seq"], ledger[1]["seq"]
    assert not is_whole(ledger)


def test_an_entry_that_is_there_twice_parts_it() -> None:
    ledger = entries()
    assert not is_whole([*ledger, ledger[3]])


def test_a_balance_below_zero_on_the_way_is_no_chain() -> None:
    falls = {"seq": 1, "amount": -1, "balance_before": 0, "balance_after": -1}
    rises = {"seq": 2, "amount": 1, "balance_before": -1, "balance_after": 0}
    assert not is_whole([falls, rises])
