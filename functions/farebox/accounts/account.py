"""Accounts: a user's profile, and the wallet that every user has from the first moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from functions.farebox.errors import Conflict, Forbidden, InvalidRequest, NotFound
from functions.farebox.kit.emails import normalise_email
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, Wallet, entry_path, wallet_path
from functions.farebox.storage import Data, Document, Store, Transaction

AccountStatus = Literal["active", "suspended", "erased"]
ACTIVE: AccountStatus = "active"
ERASED: AccountStatus = "erased"
SIGNUP_BONUS_ID = "signup-bonus"
WELCOME_DUE = "due"
MOST_FORMER = 100  # addresses; each was confirmed by a mail
ORGANISATION = "organisation"  # the `kind` of an account that is nobody's own


@dataclass(frozen=True, slots=True)
class Account:
    """A user, or an organisation, which has no address. Who they are is the identity provider's to know; this is what
    Farebox keeps of them."""

    uid: str
    email: str
    full_name: str | None
    status: AccountStatus
    plan: str | None
    created_at: datetime
    is_welcome_due: bool = False  # welcome credit waits for the address to be confirmed
    is_organisation: bool = False  # one that was made, and not a person's own

    @classmethod
    def from_data(cls, uid: str, data: Mapping[str, Any]) -> "Account":
        """From storage. The document may hold more, which others look after."""
        return cls(
            uid,
            data["email"],
            data["full_name"],
            data["status"],
            data["plan"],
            data["created_at"],
            is_welcome_due=data.get("welcome") == WELCOME_DUE,
            is_organisation=data.get("kind") == ORGANISATION,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """An account with what its owner may set of its wallet."""

    account: Account
    time_zone: str


def user_path(uid: str) -> str:
    """Where an account is kept."""
    return f"users/{uid}"


def blank_account(email: str, full_name: str | None, now: datetime) -> Data:
    """A new account as it is stored."""
    return {
        "email": normalise_email(email),
        "full_name": full_name,
        "status": ACTIVE,
        "plan": None,
        "live_keys": 0,
        "created_at": now,
    }


def moved(user: Mapping[str, Any], email: str) -> Data:
    """What to write of an account that gets another address. It remembers those from before, the latest of them, until
    it is erased: by them is found what organisations keep of its owner."""
    new = normalise_email(email)
    former = [each for each in reversed(all_addresses(user)) if each != new]
    return {"email": new, "former_emails": former[-MOST_FORMER:]}


def all_addresses(user: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses that an account has and had, the latest first."""
    return (user["email"], *reversed(user.get("former_emails", ())))


def is_active(user: Mapping[str, Any]) -> bool:
    """Whether the stored fields of a user are those of an account that is not suspended."""
    status: AccountStatus = user["status"]
    return status == ACTIVE


def is_gone(user: Mapping[str, Any]) -> bool:
    """Whether they are those of a person who was erased or an organisation that was closed: nobody comes back to it."""
    return user["status"] == ERASED or user.get("closed_at") is not None


def check_not_gone(user: Mapping[str, Any]) -> None:
    """Raises `Conflict` where `is_gone`."""
    if is_gone(user):
        raise Conflict("This account was erased or closed. Make a new one.")


def account_suspended() -> Forbidden:
    """What the owner of a suspended account is told."""
    return Forbidden("This account is suspended. Ask whoever runs this service.", code="account_suspended")


class Accounts:
    """The accounts. `signup_credit`, in nano-USD, is a new one's bonus, which waits for a confirmed address
    (`welcome.py`) unless it is given at once."""

    def __init__(
        self, store: Store, *, signup_credit: int, now: Callable[[], datetime], credit_at_once: bool = True
    ) -> None:
        self._store = store
        self._signup_credit = signup_credit
        self._credit_at_once = credit_at_once
        self._now = now

    async def open(self, tx: Transaction, uid: str, email: str, full_name: str | None = None) -> Account:
        """Make an account, its wallet and its bonus, in a transaction that has written nothing yet.

        One that is there already under this address is left as it is; `Conflict` where it has another, or was erased:
        whoever comes under an address is never let into what was somebody else's.
        """
        created = (user_path(uid), wallet_path(uid), entry_path(uid, SIGNUP_BONUS_ID))
        user, _, _ = await tx.get_many(*created)  # all of them, so that a lost race is seen and not stumbled over
        if user is not None:
            check_not_gone(user.data)
            if user.data["email"] != normalise_email(email):
                raise Conflict("This account has another e-mail address now.")
            return Account.from_data(uid, user.data)
        now = self._now()
        is_due = self._signup_credit and not self._credit_at_once
        data = {**blank_account(email, full_name, now), "welcome": WELCOME_DUE if is_due else None}
        tx.create(user_path(uid), data)
        book = Book.blank(uid, now)
        if self._signup_credit and self._credit_at_once:
            book.post(welcome_credit(self._signup_credit))
        book.save(tx)
        return Account.from_data(uid, data)

    async def ensure(self, uid: str, email: str, full_name: str | None = None) -> None:
        """Make an account if there is none; one that is there has this address from now on, unless it was erased:
        its owner may come back to go on with an erasure that was cut off."""
        document = await self._store.get(user_path(uid))
        if document is not None and document.data["email"] == normalise_email(email):
            return

        async def work(tx: Transaction) -> None:
            user = await tx.get(user_path(uid))
            if user is None:
                await self.open(tx, uid, email, full_name)
            elif not is_gone(user.data):
                tx.update(user.path, moved(user.data, email))

        await self._store.transact(work)

    async def get(self, uid: str) -> Account:
        """An account. Raises `NotFound`."""
        document = await self._store.get(user_path(uid))
        if document is None:
            raise NotFound("There is no such account.")
        return Account.from_data(uid, document.data)

    async def get_active(self, uid: str) -> Account:
        """An account that may act. Raises `NotFound`, or `Forbidden` if it is suspended."""
        account = await self.get(uid)
        if account.status != ACTIVE:
            raise account_suspended()
        return account

    async def profile(self, uid: str) -> Profile:
        """An account and its time zone. Raises `NotFound`."""
        user, wallet = await self._store.get_many(user_path(uid), wallet_path(uid))
        if user is None or wallet is None:
            raise NotFound("There is no such account.")
        return Profile(Account.from_data(uid, user.data), Wallet.from_data(wallet.data).time_zone)

    async def change_profile(self, uid: str, changes: Mapping[str, str | None]) -> Profile:
        """Change `full_name` (`None` removes it) or `time_zone` (an IANA name).

        A new time zone counts from now on; a budget period that has begun is not begun again.
        """

        async def work(tx: Transaction) -> None:
            await self.write_profile(tx, uid, changes)

        await self._store.transact(work)
        return await self.profile(uid)

    async def write_profile(self, tx: Transaction, uid: str, changes: Mapping[str, str | None]) -> Document:
        """As `change_profile`, in a transaction that has written nothing yet. Answers the account as it was."""
        assert changes.keys() <= {"full_name", "time_zone"}
        time_zone = changes.get("time_zone")
        if time_zone is not None:
            check_time_zone(time_zone)
        account = await tx.get(user_path(uid))
        if account is None:
            raise NotFound("There is no such account.")
        if time_zone is not None:
            book = await Book.open(tx, uid, self._now())
            book.set_terms(time_zone=time_zone)
            book.save(tx)
        if "full_name" in changes:
            tx.update(user_path(uid), {"full_name": changes["full_name"]})
        return account


def welcome_credit(amount: int) -> Posting:
    """The entry of a new account's bonus: once an account."""
    return Posting(SIGNUP_BONUS_ID, "bonus", amount, "Welcome credit", reference="signup")


def check_time_zone(name: str) -> None:
    """Raises `InvalidRequest` unless this is a time zone of IANA's, such as `Europe/Berlin`."""
    if name not in _time_zones():
        raise InvalidRequest(
            "This is no IANA time zone. Write one such as Europe/Berlin, or UTC.",
            code="invalid_time_zone",
            param="time_zone",
        )


@cache
def _time_zones() -> frozenset[str]:
    """The names that every instance knows: the system's own list may hold more, such as `localtime`."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
