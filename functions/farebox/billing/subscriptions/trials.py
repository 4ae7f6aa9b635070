"""Trials are free once: for a mailbox, and for a card where the provider tells which one it is.

trials/{keyed hash of the canonical address, or hash of the card's fingerprint}   who has had one; outlives the account

Whoever has had one is offered none at the checkout, whatever wallet pays. That a card has had one is known only once
its trial runs, and of two pages that are open at once both may have offered it: such a trial is cancelled by
`duplicates`, since its holder agreed to pay nothing yet.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from functions.farebox.billing.events import SubscriptionChanged
from functions.farebox.kit.emails import canonical_email
from functions.farebox.storage import Data, Transaction

SECOND_TRIAL = "trial"  # why one is ended that is no second subscription
NOTHING_DONE: Data = {"cancelled": False, "refunded": []}  # of what is to be ended


def mark_of_mailbox(key: bytes, email: str) -> str:
    """The mark of whoever reads an address. `key` is the server's for them."""
    return hmac.digest(key, canonical_email(email).encode(), "sha256").hex()


def trial_path(mark: str) -> str:
    """Where it is kept that a trial was had."""
    return f"trials/{mark}"


class Claims:
    """The claims on a trial by one event, in a transaction that has written nothing when they are read."""

    def __init__(self, fact: SubscriptionChanged, marks: Iterable[str]) -> None:
        self._fact = fact
        self._marks = {*marks, *(() if fact.card is None else (hashlib.sha256(fact.card.encode()).hexdigest(),))}
        self._new: list[str] = []
        self.is_second = False  # somebody else had one with a mark of theirs

    async def read(self, tx: Transaction) -> None:
        """See who has had one."""
        paths = sorted(map(trial_path, self._marks))
        for path, had in zip(paths, await tx.get_many(*paths), strict=True):
            if had is None:
                self._new.append(path)
            elif had.data["user"] != self._fact.user and self._fact.status == "trialing":
                self.is_second = True

    def write(self, tx: Transaction, now: datetime) -> None:
        """Note that this one has it."""
        told: Data = {"user": self._fact.user, "subscription": self._fact.subscription, "created_at": now}
        for path in self._new:
            tx.create(path, told)
