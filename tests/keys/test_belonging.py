"""What a key belongs to must be there: when it is gone, the key stops everywhere within 5 seconds."""

import random
from collections.abc import Awaitable, Callable

import pytest

from functions.farebox.accounts.account import Accounts, user_path
from functions.farebox.billing.leaving.closing import settle_up
from functions.farebox.errors import Forbidden, Unauthenticated
from functions.farebox.keys.authentication import LONGEST_S, KeyAuthenticator
from functions.farebox.keys.lifecycle import Keys, owner_of
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.directory import Directory
from functions.farebox.organisations.groups import Groups
from functions.farebox.organisations.members import Members, add_member
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.organisations.rights import ROLE_RIGHTS
from functions.farebox.organisations.trail import SYSTEM, Actor, Trail
from functions.farebox.storage import Store, Transaction, Update
from tests.support.product.runtime import Clock

PEPPER = b"pepper" * 8


class Acme:
    """An organisation with an owner, a member, a project and a service account."""

    def __init__(self, store: Store, clock: Clock) -> None:
        ids = Ids(random.Random(7))
        self.store, self.clock, self.age_s = store, clock, 0.0
        self.trail = Trail(store, now=clock, ids=ids)
        self.accounts = Accounts(store, signup_credit=0, now=clock)
        self.keys = Keys(store, PEPPER, now=clock, ids=ids)
        self.members = Members(store, self.trail)
        self.projects = Groups(store, self.trail, "projects", now=clock, ids=ids)
        self.service_accounts = Groups(store, self.trail, "service_accounts", now=clock, ids=ids)
        self.directory = Directory(store, self.accounts, self.trail, settle_up, now=clock, ids=ids)
        self.held: dict[str, str] = {}
        self.callers = KeyAuthenticator(store, PEPPER, now=clock, clock=lambda: self.age_s)

    async def open(self) -> "Acme":
        """Have it there, with `mia` as a member."""
        for uid in ("olga", "mia"):
            await self.accounts.ensure(uid, f"{uid}@example.com")
        self.org = (await self.directory.create("olga", "Acme", Actor("olga"))).id
        await self.enter("mia")
        return self

    async def enter(self, uid: str) -> None:
        """Make somebody a member."""

        async def work(tx: Transaction) -> None:
            account, _ = await tx.get_many(user_path(self.org), membership_path(self.org, uid))
            add_member(tx, account, Membership(self.org, uid, "member", None, self.clock()))

        await self.store.transact(work)

    @property
    def owner(self) -> Acting:
        """Its owner, at work."""
        return Acting(self.org, Actor("olga"), ROLE_RIGHTS["owner"], "owner", "olga")


@pytest.fixture
async def acme(sqlite_store: Store) -> Acme:
    return await Acme(sqlite_store, Clock()).open()


Ending = Callable[[Acme], Awaitable[object]]


async def _suspend_mia(acme: Acme) -> None:
    await acme.store.write(Update(user_path("mia"), {"status": "suspended"}))


async def _close(acme: Acme) -> None:
    await acme.directory.close(acme.owner, forfeit=False)


@pytest.mark.parametrize(
    ("kind", "end", "refused"),
    [
        ("member", lambda acme: acme.members.remove(acme.owner, "mia"), Unauthenticated),
        ("member", lambda acme: acme.members.change(acme.owner, "mia", {"role": "viewer"}), Unauthenticated),
        ("member", lambda acme: acme.members.change(acme.owner, "mia", {"role": "billing"}), Unauthenticated),
        ("member", _suspend_mia, Forbidden),
        ("service_account", lambda acme: acme.service_accounts.remove(acme.owner, acme.held["service_account"]),
         Unauthenticated),
        ("project", lambda acme: acme.projects.remove(acme.owner, acme.held["project"]), Unauthenticated),
        ("member", _close, Forbidden),
    ],
)  # fmt: skip
async def test_a_key_stops_with_what_it_belongs_to(
    acme: Acme, kind: str, end: Ending, refused: type[Exception]
) -> None:
    acme.held = {
        "member": "mia",
        "service_account": (await acme.service_accounts.create(acme.owner, "ci")).id,
        "project": (await acme.projects.create(acme.owner, "site")).id,
    }
    _, text = await acme.keys.create(acme.org, {"name": "x", kind: acme.held[kind]}, acme.owner)
    assert (await acme.callers.authenticate(text, str)).uid == acme.org
    await end(acme)
    acme.age_s += LONGEST_S
    with pytest.raises(refused):
        await acme.callers.authenticate(text, str)


async def test_who_comes_back_does_not_bring_their_old_keys(acme: Acme) -> None:
    _, text = await acme.keys.create(acme.org, {"name": "x", "member": "mia"}, acme.owner)
    await acme.members.remove(acme.owner, "mia")
    acme.clock.forward(seconds=1)
    await acme.enter("mia")
    with pytest.raises(Unauthenticated):
        await acme.callers.authenticate(text, str)


async def test_two_parties_at_one_wallet_have_nothing_in_common(acme: Acme) -> None:
    minter, _ = await acme.keys.create(acme.org, {"name": "x", "scopes": ("keys",)}, acme.owner)
    by = Acting(acme.org, SYSTEM, ROLE_RIGHTS["owner"], None, "olga", key=minter.id, scopes=("keys",))
    texts = [(await acme.keys.create(acme.org, {"name": "customer"}, by))[1] for _ in range(2)]
    texts += [(await acme.keys.create(acme.org, {"name": "x", "member": "mia"}, acme.owner))[1] for _ in range(2)]
    texts.append((await acme.keys.create("olga", {"name": "own"}, owner_of("olga")))[1])
    parties = [(await acme.callers.authenticate(text, str)).party for text in texts]
    assert len(set(parties)) == 4
    assert parties[2:] == [f"{acme.org}~mia", f"{acme.org}~mia", "olga"]


async def test_whose_keys_are_all_revoked_loses_those_that_organisations_pay_for_as_well(acme: Acme) -> None:
    key, _ = await acme.keys.create(acme.org, {"name": "x", "member": "mia"}, acme.owner)
    other, _ = await acme.keys.create(acme.org, {"name": "x"}, acme.owner)
    await acme.keys.revoke_all("mia")
    assert (await acme.keys.get(acme.org, key.id)).state == "revoked"
    assert (await acme.keys.get(acme.org, other.id)).state == "live"
