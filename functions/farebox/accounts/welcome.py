"""Welcome credit, after the address is confirmed: once for a mailbox, and no more in a day than an operator gives.

welcomed/{keyed hash of the canonical address}   that the mailbox has had it; outlives the account
welcome_days/{date}                              what was given on a day (UTC), in nano-USD
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.accounts.account import SIGNUP_BONUS_ID, WELCOME_DUE, user_path, welcome_credit
from functions.farebox.kit.emails import canonical_email
from functions.farebox.ledger.book import Book
from functions.farebox.storage import Store, Transaction

DAYS_KEPT_FOR = timedelta(days=7)


class Welcome:
    """Gives it. Amounts in nano-USD; `mark_key` is the server's key for hashes of addresses."""

    def __init__(
        self, store: Store, *, credit: int, daily_most: int, mark_key: bytes, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._credit = credit
        self._daily_most = daily_most
        self._mark_key = mark_key
        self._now = now

    async def give(self, uid: str, email: str) -> bool:
        """Give an account its credit, if it is due: to be called for a confirmed address, any often.

        A mailbox that has had it gets none; on a day on which all is given, it stays due. Answers whether it was given.
        """
        now = self._now()
        mark = hmac.digest(self._mark_key, canonical_email(email).encode(), "sha256").hex()
        mark_path, day_path = f"welcomed/{mark}", f"welcome_days/{now:%Y-%m-%d}"

        async def work(tx: Transaction) -> bool:
            user, had, day = await tx.get_many(user_path(uid), mark_path, day_path)
            if user is None or user.data.get("welcome") != WELCOME_DUE:
                return False
            given = 0 if day is None else day.data["given"]
            if had is None and given + self._credit > self._daily_most:
                return False
            if had is not None or not self._credit:
                tx.update(user.path, {"welcome": None})
                return False
            book = await Book.open(tx, uid, now, SIGNUP_BONUS_ID)
            book.post(welcome_credit(self._credit))
            book.save(tx)
            tx.update(user.path, {"welcome": None})
            tx.create(mark_path, {"user": uid, "created_at": now})
            tx.set(day_path, {"given": given + self._credit, "expires_at": now + DAYS_KEPT_FOR})
            return True

        return await self._store.transact(work)
