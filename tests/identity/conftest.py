"""The identity providers, over an empty store, and what a test needs to know of each of them."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import pytest

from functions.farebox.accounts.account import Accounts
from functions.farebox.accounts.sign_up import SignUpRules
from functions.farebox.identity import Identity
from functions.farebox.identity.factors.second_factors import SecondFactors
from functions.farebox.identity.firebase.identity import FirebaseIdentity
from functions.farebox.identity.firebase.rest import FirebaseRest
from functions.farebox.identity.firebase.users import FirebaseUsers
from functions.farebox.identity.local.identity import LocalIdentity
from functions.farebox.identity.local.mails import IdentityMails
from functions.farebox.kit.ids import Ids
from functions.farebox.notifications.mail import Mailer
from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import utc_now
from tests.support.emulators.emulator import PROJECT
from tests.support.emulators.firebase_auth import API_KEY, FirebaseAuth
from tests.support.fixtures.accounts import BONUS, accounts, clock
from tests.support.product.runtime import Clock

__all__ = ["accounts", "clock"]

PUBLIC_URL = "https://farebox.example.com"


def second_factors(store: Store, now: Callable[[], datetime]) -> SecondFactors:
    return SecondFactors(store, Seal(b"s" * 32), b"c" * 32, PUBLIC_URL, now=now, ids=Ids(random.Random(3)))


def local_identity(store: Store, accounts: Accounts, clock: Clock, admin: str) -> LocalIdentity:
    ids = Ids(random.Random(1))
    return LocalIdentity(
        store,
        accounts,
        IdentityMails(Mailer(store, outbox=None, now=clock, ids=ids), PUBLIC_URL),
        second_factors(store, clock),
        token_key=b"k" * 32,
        admin_emails=frozenset({admin}),
        now=clock,
        ids=ids,
    )


@pytest.fixture
def identity(store: Store, accounts: Accounts, clock: Clock) -> LocalIdentity:
    return local_identity(store, accounts, clock, "root@example.com")


class Provider(Protocol):
    """An identity with what the tests of the port need beside it. Addresses are this test's own."""

    identity: Identity
    store: Store
    email: str
    admin_email: str
    keeps_sessions_apart: bool

    async def mailed_token(self, email: str) -> str:
        """The token of the latest mail to an address."""

    async def wait(self) -> None:
        """Let so much time go by that a session before and one after can be told apart."""


def _address(name: str) -> str:
    return f"{name}-{uuid4().hex[:12]}@example.com"


@dataclass
class Local:
    """The local one, on SQLite."""

    identity: LocalIdentity
    store: Store
    email: str
    admin_email: str
    clock: Clock
    keeps_sessions_apart: bool = True

    async def mailed_token(self, email: str) -> str:
        mails = await self.store.query(Query("mail", order_by="created_at", descending=True))
        text = next(mail.data["message"]["text"] for mail in mails if mail.data["to"] == email)
        found = re.search(r"token=(\S+)", text)
        assert found is not None
        return found[1]

    async def wait(self) -> None:
        self.clock.forward(minutes=1)


@dataclass
class Firebase:
    """Firebase's, on its emulator. `seconds` is the time by which it remembers."""

    identity: FirebaseIdentity
    store: Store
    email: str
    admin_email: str
    users: FirebaseAuth
    clock: Clock  # near the emulator's own, by which it dates sessions, and still between waits
    seconds: list[float] = field(default_factory=lambda: [1000.0])
    keeps_sessions_apart: bool = False

    async def mailed_token(self, email: str) -> str:
        return await self.users.mailed_code(email)

    async def wait(self) -> None:
        await asyncio.sleep(1.01)  # it counts whole seconds
        self.clock.time = utc_now()


@pytest.fixture
def local(sqlite_store: Store, clock: Clock) -> Local:
    accounts = Accounts(sqlite_store, signup_credit=BONUS, now=clock)
    admin = _address("root")
    return Local(local_identity(sqlite_store, accounts, clock, admin), sqlite_store, _address("ada"), admin, clock)


@pytest.fixture
async def firebase(
    sqlite_store: Store, clock: Clock, auth_emulator: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Firebase]:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator)  # firebase-admin looks there
    rest = FirebaseRest(API_KEY, emulator=auth_emulator)
    seconds, admin, still = [1000.0], _address("root"), Clock(utc_now())
    identity = FirebaseIdentity(
        sqlite_store,
        Accounts(sqlite_store, signup_credit=BONUS, now=clock),
        FirebaseUsers(PROJECT),
        rest,
        second_factors(sqlite_store, clock),
        SignUpRules(),
        admin_emails=frozenset({admin}),
        public_url=PUBLIC_URL,
        now=still,
        ids=Ids(),
        clock=lambda: seconds[0],
    )
    users = FirebaseAuth(auth_emulator)
    yield Firebase(identity, sqlite_store, _address("ada"), admin, users, still, seconds)
    await users.close()
    await rest.close()


@pytest.fixture(params=["local", "firebase"])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Each provider in turn."""
    chosen: Provider = request.getfixturevalue(request.param)
    return chosen
