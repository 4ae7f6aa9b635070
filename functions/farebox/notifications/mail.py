"""Outgoing mail: documents in `mail`, which Firebase's "Trigger Email" extension sends.

`to`, `message.subject` and `message.text` are that extension's words (https://extensions.dev, firestore-send-email).
The embedded run has nobody to send them, so it writes each into a file of its outbox as well.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from functions.farebox.kit.ids import Ids
from functions.farebox.storage import AlreadyExists, Create, Store

KEPT_FOR = timedelta(days=7)
OUTBOX_MODE = 0o700  # mails hold tokens


class Mailer:
    """Sends plain text. `outbox` is a folder for copies, or `None`."""

    def __init__(self, store: Store, *, outbox: Path | None, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._outbox = outbox
        self._now = now
        self._ids = ids

    async def send(
        self, to: str, subject: str, text: str, *, mail_id: str | None = None, user: str | None = None
    ) -> None:
        """Have a mail sent. It is durable when this returns; when it arrives is up to the sender.

        A mail with an id is sent once, however often it is asked for. `user` is whose account it is about, where
        nothing else tells that: it goes when they are erased.
        """
        now = self._now()
        mail_id = mail_id or self._ids.new()
        data = {
            "to": to,
            "user": user,
            "message": {"subject": subject, "text": text},
            "created_at": now,
            "expires_at": now + KEPT_FOR,
        }
        try:
            await self._store.write(Create(f"mail/{mail_id}", data))
        except AlreadyExists:
            return
        if self._outbox is not None:
            name = f"{now:%Y%m%dT%H%M%S}-{mail_id}.txt"
            copy = f"To: {to}\nSubject: {subject}\nDate: {now.isoformat()}\n\n{text}\n"
            await asyncio.to_thread(_write_copy, self._outbox / name, copy)


def _write_copy(path: Path, text: str) -> None:
    path.parent.mkdir(mode=OUTBOX_MODE, parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
