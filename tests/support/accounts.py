"""Accounts over an empty store, each with a bonus to begin with."""

import pytest

from functions.farebox.accounts.account import Accounts
from functions.farebox.storage import Store
from tests.support.runtimes import Clock

BONUS = 1_000_000_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    return Accounts(store, signup_credit=BONUS, now=clock)
