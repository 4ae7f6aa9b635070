"""Marks: what Farebox keeps of somebody whose password Firebase keeps, in `credentials/{uid}`.

Firebase says whether an address is verified, not in whose session: its own page confirms it for whoever opens the
link. So what makes an administrator is noted here, by who was signed in when the link was used.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from functions.farebox.storage import Data, Document, Store, Transaction


class Marks:
    """The marks of all people."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def prove(self, uid: str, email: str) -> None:
        """Note that somebody has proved an address theirs, in a session of theirs."""
        now = self._now()

        async def work(tx: Transaction) -> None:
            known = await tx.get(marks_path(uid))
            if known is None or known.data.get("proved_email") != email:
                tx.set(marks_path(uid), {**_data(known), "proved_email": email, "verified_at": now})

        await self._store.transact(work)

    async def end_others(self, uid: str, session: str) -> None:
        """Note that every session of somebody's but this one ends now, also those that were not seen here yet.

        Firebase dates sessions by whole seconds: one that begins in this very second is taken for a new one.
        """
        now = self._now().replace(microsecond=0)

        async def work(tx: Transaction) -> None:
            known = await tx.get(marks_path(uid))
            tx.set(marks_path(uid), {**_data(known), "others_ended_at": now, "kept_session": session})

        await self._store.transact(work)

    async def erase(self, uid: str) -> None:
        """Forget somebody's."""

        async def work(tx: Transaction) -> None:
            tx.delete(marks_path(uid))

        await self._store.transact(work)


def is_proved(marks: Mapping[str, Any], email: str, began_at: datetime) -> bool:
    """Whether an address was proved in a session of its account's, before a session that began then."""
    proved_at: datetime | None = marks.get("verified_at")
    return marks.get("proved_email") == email and proved_at is not None and began_at >= proved_at


def is_ended(marks: Mapping[str, Any], session: str, began_at: datetime) -> bool:
    """Whether a session was ended with the others."""
    ended_at: datetime | None = marks.get("others_ended_at")
    return ended_at is not None and began_at < ended_at and marks.get("kept_session") != session


def marks_path(uid: str) -> str:
    """Where somebody's marks are kept."""
    return f"credentials/{uid}"


def _data(known: Document | None) -> Data:
    return {} if known is None else dict(known.data)
