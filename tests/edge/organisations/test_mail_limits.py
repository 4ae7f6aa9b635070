"""How many mails invite strangers: by whom, to whom, and from all who have never paid."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import Paid
from functions.farebox.billing.sale import Sale
from functions.farebox.errors import RateLimited
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import EntryType, Posting
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.mail_limits import MailLimits
from functions.farebox.organisations.trail import Actor
from functions.farebox.storage import Store, Transaction
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import event, open_account
from tests.support.product.runtime import START, Clock

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


async def paid_for(store: Store, org: str, total: int) -> None:
    """A period of a plan, of which so much was paid."""
    month = timedelta(days=30)
    await open_account(store, org)
    sale = Sale(org, "plan", 10, 0, total, "tiny", credit_expires_at=START + month, starts_at=START)
    await apply_event(store, event(org, Paid(f"pay_{org}", sale)), START)
    assert (await wallet_of(store, org)).balance == 10


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
    for kind in ("bonus", "grant"):
        await credited(sqlite_store, clock, f"org_given_{kind}", kind)
        assert not await invite(f"org_given_{kind}", "u_given", "p@example.com", "198.51.100.1")
    await paid_for(sqlite_store, "org_free", 0)
    assert not await invite("org_free", "u_free", "p@example.com", "198.51.100.2"), "a coupon is no money"
    await credited(sqlite_store, clock, "org_topup", "topup")
    await paid_for(sqlite_store, "org_plan", 10)
    for org in ("topup", "plan"):
        assert await invite(f"org_{org}", f"u_{org}", "p0@example.com")
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
