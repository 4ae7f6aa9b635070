"""How many mails invite strangers: by whom, to whom, and from all who have never paid."""

from collections.abc import Awaitable, Callable

import pytest

from functions.farebox.errors import RateLimited
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import EntryType, Posting
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.mail_limits import MailLimits
from functions.farebox.organisations.trail import Actor
from functions.farebox.storage import Store, Transaction
from tests.support.product.runtime import Clock

Invite = Callable[..., Awaitable[bool]]


@pytest.fixture
def invite(sqlite_store: Store, clock: Clock) -> Invite:
    """Whether a person may mail an address for an organisation."""
    limits = MailLimits(sqlite_store, daily_most=120, now=clock)

    async def mail(org: str, person: str, to: str, network: str = "203.0.113.7") -> bool:
        try:
            await limits.take(Acting(org, Actor(person, network), frozenset()), to)
        except RateLimited:
            return False
        return True

    return mail


async def credited(store: Store, clock: Clock, org: str, kind: EntryType) -> None:
    async def work(tx: Transaction) -> None:
        Book.blank(org, clock()).save(tx)

    async def post(tx: Transaction) -> None:
        book = await Book.open(tx, org, clock(), "first")
        book.post(Posting("first", kind, 10, "Credit"))
        book.save(tx)

    await store.transact(work)
    await store.transact(post)


async def test_a_person_invites_so_many_however_many_organisations_they_make(invite: Invite, clock: Clock) -> None:
    sent = [await invite(f"org_{n // 3}", "u_eve", f"p{n}@example.com") for n in range(60)]
    assert sent == [True] * 50 + [False] * 10
    clock.forward(hours=1)
    assert await invite("org_0", "u_eve", "late@example.com")


async def test_a_farm_mails_so_many_strangers_a_day_and_holds_no_customer_up(
    invite: Invite, sqlite_store: Store, clock: Clock
) -> None:
    async def farm(n: int) -> bool:
        return await invite(f"org_{n}", f"u_{n}", f"p{n}@example.com", f"203.0.113.{n // 10}")

    assert [await farm(n) for n in range(130)] == [True] * 120 + [False] * 10
    await credited(sqlite_store, clock, "org_given", "bonus")
    assert not await invite("org_given", "u_given", "p@example.com", "198.51.100.1")
    for kind in ("topup", "grant"):
        await credited(sqlite_store, clock, f"org_{kind}", kind)
        assert await invite(f"org_{kind}", f"u_{kind}", "p0@example.com")
    clock.forward(days=1)
    assert await farm(130)


async def test_one_network_invites_so_many_however_many_people_it_makes(invite: Invite) -> None:
    for network in ("203.0.113.7", "2001:db8:1:1::{n:x}"):
        sent = [
            await invite(f"org_{network}{n}", f"u_{network}{n}", f"p{n}@example.com", network.format(n=n))
            for n in range(52)
        ]
        assert sent == [True] * 50 + [False] * 2


async def test_a_mailbox_gets_mails_of_strangers_ever_slower_and_of_a_customer_at_once(
    invite: Invite, sqlite_store: Store, clock: Clock
) -> None:
    async def farm(n: int) -> bool:
        return await invite(f"org_{n}", f"u_{n}", f"max+{n}@example.com", f"203.0.113.{n}")

    assert [await farm(n) for n in range(12)] == [True] * 10 + [False] * 2
    clock.forward(minutes=1)
    assert [await farm(n) for n in range(12, 14)] == [True, False]
    await credited(sqlite_store, clock, "org_acme", "topup")
    assert await invite("org_acme", "u_olga", "max@example.com")
    clock.forward(minutes=15)
    assert await farm(14)
