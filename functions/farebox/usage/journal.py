"""The journal: one usage record per request, the truth of what was spent.

A record is created `pending` alongside the upstream call and completed before the answer ends. Completing it is
conditional on its still being pending: a sweep that took the instance for dead has turned it into `lost`, and then
the request is charged late instead (`late_charges.py`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

from functions.farebox.errors import StoreUnavailable
from functions.farebox.observability.telemetry import span
from functions.farebox.storage import (
    AlreadyExists,
    Contended,
    Create,
    Data,
    Delete,
    Document,
    Queued,
    Set,
    Store,
    Unreachable,
    Update,
    Write,
)
from functions.farebox.usage.record import LOST, PENDING, UsageRecord, record_path, status_of

T = TypeVar("T")

ATTEMPTS = 8
FIRST_PAUSE_S = 0.02
SLOW = "The database does not answer. Try again in a few seconds."


class GivenUp(StoreUnavailable):
    """A sweep has taken a record for lost, before whoever created it knew that it was there."""


class Otherwise(StoreUnavailable):
    """A record says already what its request came to, and that is something else. Its `charged` is in nano-USD."""

    def __init__(self, charged: int) -> None:
        super().__init__(SLOW)
        self.charged = charged


class Displaced(Exception):
    """What was to be written beside a record may not be any more: what it was to be written over has changed."""


class Opening(Struct):
    """A record that is being created. `commit` is the attempt at hand, which writes `data` and `others`, and `again`
    what another one is to write in their place. `document` is what is there then."""

    path: str
    pending: Data
    data: Data
    others: tuple[Write, ...]
    commit: Queued
    again: tuple[Data, tuple[Write, ...]] | None = None
    document: Document | None = None


class Journal:
    """Writes usage records. Every write is durable when the call that waits for it returns."""

    def __init__(self, store: Store, *, rng: random.Random | None = None) -> None:
        self._store = store
        self._rng = rng or random.Random()

    def begin(self, record_id: str, record: UsageRecord) -> Opening:
        """Begin to create a pending record."""
        path, data = record_path(record_id), record.to_data()
        return Opening(path, data, data, (), self._store.begin(Create(path, data)))

    def amend(self, opening: Opening, fields: Data, *others: Write) -> bool:
        """Have a record created complete, and `others` written in the same commit, if its turn to be created has not
        come: it is durable no later than it would have been as pending. Answers whether; else it is created so should
        it have to be tried again. As with `complete`, it is all of them or none."""
        if opening.document is not None:
            return False
        data = {**opening.pending, **fields}
        if not opening.commit.amend([Create(opening.path, data), *others]):
            opening.again = data, others
            return False
        opening.data, opening.others, opening.again = data, others, None
        return True

    async def await_pending(self, opening: Opening) -> None:
        """Wait until a record is there. `GivenUp` if a sweep took it for lost in the meantime, `StoreUnavailable` if
        nothing could be made certain, `Displaced` if not all may be written that was to be written with it."""
        if opening.document is None:
            with span("journal", step="open"):
                opening.document = await self._insist(lambda: self._create(opening))

    async def complete(self, opening: Opening, fields: Data, *others: Write) -> bool:
        """Write what an opened request came to, as `UsageRecord.complete` says it, and `others` in the same commit.
        `Displaced`: something has changed that one of them is to be written over, and nothing was written.

        Answers `False` if a sweep was first: the record is lost, and nothing was written; charge it late. Where it was
        created complete, there is nothing to do.

        `StoreUnavailable`: nothing is certain, and the same may be asked again. It is `Otherwise` if the record says
        already that the request came to something else, as an earlier attempt may have told it.
        """
        assert opening.document is not None, "a record is opened before it is completed"
        seen = opening.document
        if status_of(seen.data) != PENDING:
            return _is_told(seen, fields)

        async def update() -> bool:
            nonlocal seen
            try:
                await self._store.begin(Update(seen.path, fields, seen.version, seen.data), *others)
                return True
            except Contended:
                found = await self._store.get(seen.path)
                assert found is not None, "a usage record never vanishes under its request"
                if status_of(found.data) == PENDING:
                    seen = found
                    await self._check(others)
                    raise
                return _is_told(found, fields)

        with span("journal", step="complete"):
            return await self._insist(update)

    async def _create(self, opening: Opening) -> Document:
        try:
            version = (await opening.commit)[0]
        except AlreadyExists:  # an earlier attempt of ours arrived after all: ids are never used twice
            found = await self._store.get(opening.path)
            if found is None:
                raise StoreUnavailable(SLOW) from None
            if status_of(found.data) == LOST:
                raise GivenUp(SLOW) from None
            return found
        except (Unreachable, Contended) as error:
            if opening.again is not None:
                (opening.data, opening.others), opening.again = opening.again, None
            if isinstance(error, Contended):
                await self._check(opening.others)
            opening.commit = self._store.begin(Create(opening.path, opening.data), *opening.others)
            raise
        assert version is not None, "every engine knows the version of what it has just made"
        return Document(opening.path, opening.data, version)

    async def _check(self, others: tuple[Write, ...]) -> None:
        """Raise `Displaced` once a document has changed that any of them is to replace."""
        over = [each for each in others if isinstance(each, Set | Update | Delete)]
        wanted = {each.path: each.if_version for each in over if each.if_version is not None}
        found = await self._store.get_many(*wanted) if wanted else []
        now = [None if document is None else document.version for document in found]
        if now != list(wanted.values()):
            raise Displaced

    async def _insist(self, write: Callable[[], Awaitable[T]]) -> T:
        pause_s = FIRST_PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await write()
            except (Unreachable, Contended) as error:
                if attempt == ATTEMPTS:
                    raise StoreUnavailable(SLOW) from error
            await asyncio.sleep(self._rng.uniform(pause_s / 2, pause_s))
            pause_s *= 2
        raise AssertionError("unreachable")


def _is_told(document: Document, fields: Data) -> bool:
    """Whether a record that is decided says what was to be written, or is lost. Raises `Otherwise`."""
    status = status_of(document.data)
    if status != LOST and any(document.data[name] != fields[name] for name in ("status", "charged")):
        raise Otherwise(document.data["charged"])
    return status != LOST
