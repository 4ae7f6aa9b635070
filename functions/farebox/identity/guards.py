"""What limits guessing and mails: the caller's tries are counted, so that nobody locks somebody else out.

- One caller may try a few passwords of one account at once, then ever slower (`GUESSES`), and so many in all
  (`CALLER`). Others are not held up by that.
- Guesses of one account from many networks slow each other down (`SWARM`), by seconds: a right password is never
  refused for long, and not at all from a network that the account is signed in from.
- Mails of one kind are counted apart from those of another.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from functions.farebox.identity import Visitor
from functions.farebox.kit.emails import email_id
from functions.farebox.limits.throttle import Allowance, Attempts, Backoff
from functions.farebox.storage import Store

GUESSES = Backoff("guess", 5, timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=1))
SWARM = Backoff("swarm", 20, timedelta(seconds=1), timedelta(seconds=10), timedelta(hours=1))
FACTORS = Backoff("factor", 5, timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
CALLER = Allowance("caller", 100, timedelta(minutes=5))
SIGN_UPS = Allowance("sign-up", 20, timedelta(hours=1))
MAILS = Allowance("mail", 5, timedelta(hours=1))
MAILS_OF_CALLER = Allowance("mail-caller", 30, timedelta(hours=1))
MAILS_TO_ADDRESS = Backoff("mail-address", 10, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=6))

MailKind = Literal["verify", "reset", "change", "notice"]  # `notice`: to an address that is to be another


class Guards:
    """Counts what callers try."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._attempts = Attempts(store, now)

    async def guess(self, email: str, visitor: Visitor, *, is_known: bool) -> None:
        """Count a guess of a password, before it is looked at. `is_known`: the account is signed in from there."""
        target = email_id(email)
        swarm = [] if is_known else [(SWARM, target)]
        await self._attempts.take((GUESSES, _pair(target, visitor)), *swarm, *_caller(CALLER, visitor))

    async def guessed(self, email: str, visitor: Visitor) -> None:
        """The guess was right: the caller's count of this account starts over."""
        await self._attempts.forget(GUESSES, _pair(email_id(email), visitor))

    async def factor(self, uid: str) -> None:
        """Count a guess of a second factor. Who guesses has the password, or a session, so that this is no stranger."""
        await self._attempts.take((FACTORS, uid))

    async def factor_shown(self, uid: str) -> None:
        """The second factor was right: the count starts over."""
        await self._attempts.forget(FACTORS, uid)

    async def mail(self, kind: MailKind, email: str, visitor: Visitor) -> None:
        """Count a mail to an address, before it is known whether there is anybody to send it to."""
        target = f"{kind}_{email_id(email)}"
        pair = (MAILS, _pair(target, visitor))
        await self._attempts.take(pair, (MAILS_TO_ADDRESS, target), *_caller(MAILS_OF_CALLER, visitor))

    async def sign_up(self, visitor: Visitor) -> None:
        """Count a sign-up."""
        await self._attempts.take(*_caller(SIGN_UPS, visitor))


def _pair(target: str, visitor: Visitor) -> str:
    return f"{target}_{email_id(visitor.network)[:16]}"


def _caller(rule: Allowance, visitor: Visitor) -> list[tuple[Allowance, str]]:
    """Nothing where it is not known who calls: everybody would be counted as one."""
    return [(rule, email_id(visitor.network)[:32])] if visitor.network else []
