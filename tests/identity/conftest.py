import random

import pytest

from functions.farebox.accounts import Accounts
from functions.farebox.identity.local import LocalIdentity
from functions.farebox.ids import Ids
from functions.farebox.mail import Mailer
from functions.farebox.storage import Store
from tests.support.runtimes import Clock

BONUS = 1_000_000_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    return Accounts(store, signup_credit=BONUS, now=clock)


@pytest.fixture
def identity(store: Store, accounts: Accounts, clock: Clock) -> LocalIdentity:
    ids = Ids(random.Random(1))
    return LocalIdentity(
        store,
        accounts,
        Mailer(store, outbox=None, now=clock, ids=ids),
        token_key=b"k" * 32,
        admin_emails=frozenset({"root@example.com"}),
        public_url="https://farebox.example.com",
        now=clock,
        ids=ids,
    )
