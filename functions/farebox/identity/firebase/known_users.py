"""A cache of Firebase's users: for a while what they are, for good that they have an account."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from functions.farebox.identity.firebase.users import FirebaseUser

T = TypeVar("T")

KNOWN_FOR_S = 60.0
MAX_KNOWN = 1000


class KnownUsers:
    """The users seen last. `clock` is in monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._users: OrderedDict[str, tuple[FirebaseUser, float]] = OrderedDict()
        self._account_emails: OrderedDict[str, str] = OrderedDict()

    def get(self, uid: str) -> FirebaseUser | None:
        """A user as Firebase knew them less than `KNOWN_FOR_S` seconds ago."""
        user, seen_s = self._users.get(uid, (None, 0.0))
        return user if self._clock() - seen_s < KNOWN_FOR_S else None

    def put(self, user: FirebaseUser) -> None:
        """Remember what Firebase said just now."""
        _keep(self._users, user.uid, (user, self._clock()))

    def has_account(self, user: FirebaseUser) -> bool:
        """Whether the user surely has an account under the address that they have now."""
        return self._account_emails.get(user.uid, "") == user.email

    def note_account(self, uid: str, email: str) -> None:
        """Remember that there is an account."""
        _keep(self._account_emails, uid, email)

    def drop(self, uid: str) -> None:
        """Ask Firebase again about somebody, and look for their account again."""
        self._users.pop(uid, None)
        self._account_emails.pop(uid, None)

    def forget(self) -> None:
        """Ask Firebase again about everybody. Accounts stay."""
        self._users.clear()


def _keep(kept: OrderedDict[str, T], uid: str, value: T) -> None:
    kept[uid] = value
    kept.move_to_end(uid)
    if len(kept) > MAX_KNOWN:
        kept.popitem(last=False)
