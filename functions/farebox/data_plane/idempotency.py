"""Idempotency keys of the data plane: the same key and body within a day is one upstream call and one charge.

A request claims its key before anything else, and its answer is kept in the very commit that completes its usage
record: there is no moment at which a request is charged and its answer is not there to be replayed. A claim whose
instance died charges nothing (a sweep calls its record lost), and may then be taken over. A request that fails before
it costs anything lets go of its key, and a claim whose record has ended without an answer holds it no longer. All that
only as long as the claim is its own: an instance that was taken for dead may wake, and neither forgets nor replaces the
answer of whoever took its key over.

The key remembers a hash of the request as the client sent it, not of what was made of it: the same key with another
request is an error, not another answer.
"""

import asyncio
import hashlib
import weakref
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypeVar

import orjson
from msgspec import Struct

from functions.farebox.errors import Conflict, IdempotencyMismatch
from functions.farebox.gateway.answers import SMALL_BYTES
from functions.farebox.kit import base85
from functions.farebox.kit.memory_budget import MemoryQueue, Room
from functions.farebox.kit.party import Party
from functions.farebox.storage import Contended, Data, Delete, Document, Set, Store, Transaction, Write
from functions.farebox.usage.record import PENDING, record_path, status_of

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)  # a claim without any record: its instance died at once
PART_CHARS = 900_000  # of base64 in one document, which may have a mebibyte
MOST_PARTS = 8  # 7.2 MB of the 10 MiB that Firestore takes in a commit
EMULATED_PARTS = 4  # 3.6 MB of the 4 MiB that its emulator takes
MOST_BYTES = 16 * 1024 * 1024  # of an answer that is kept: more would take too long to compress
_QUICK_BYTES = 64 * 1024  # are packed in a few milliseconds, and unpacked in less

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """A client's key, and the fingerprint of the request that it stands for."""

    text: str
    fingerprint: str

    @classmethod
    def of(cls, text: str, endpoint: str, raw: bytes, headers: Mapping[str, str] | None = None) -> Self:
        """The key of a request with this body, as the client wrote it, and these headers, which are sent on with it."""
        stands_for = hashlib.sha256(f"{endpoint}\n".encode() + raw)
        if headers:
            stands_for.update(b"\n" + orjson.dumps(headers, option=orjson.OPT_SORT_KEYS))
        return cls(text, stands_for.hexdigest())


class Kept(Struct, frozen=True, weakref=True):
    """An answer as it was given, and as it is given again: `head` and `body` are as the edge wrote them. `stream`: the
    body is a stream's."""

    head: Mapping[str, str]
    body: bytes
    stream: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make the one call that a key stands for, while what is kept at `path` has this `version`."""

    path: str
    data: Data
    version: str
    most_parts: int = MOST_PARTS

    async def keep(self, answer: Kept) -> list[Write]:
        """The writes that keep an answer, for the commit that completes the request's record. They are `Contended` once
        the claim is another's."""
        body = answer.body
        packed = await _beside(len(body), lambda: self._packed(body)) if len(body) <= MOST_BYTES else None
        text, whole = packed or "", packed is not None
        parts = [text[at : at + PART_CHARS] for at in range(0, len(text), PART_CHARS)]
        data = {
            **self.data,
            "state": "done",
            "status": 200,  # nothing but a good answer is kept
            "stream": answer.stream,
            "headers": dict(answer.head),
            "parts": len(parts) if whole else None,
        }
        expires = {"expires_at": self.data["expires_at"]}
        kept = [Set(f"{self.path}/parts/{n}", {"text": part, **expires}) for n, part in enumerate(parts)]
        return [Set(self.path, data, self.version), *kept]

    def _packed(self, body: bytes) -> str | None:
        packed = zlib.compress(body, 6)
        fits = len(packed) * base85.CHARS_OF_4_BYTES <= 4 * self.most_parts * PART_CHARS
        return base85.encode(packed) if fits else None


class Idempotency:
    """The keys of all users. `most_parts` is how large an answer the store takes in one commit, `memory` where large
    ones count that are given again."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        most_parts: int = MOST_PARTS,
        memory: MemoryQueue | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._most_parts = most_parts
        self._memory = memory or MemoryQueue(MOST_BYTES)

    async def claim(self, party: Party, key: Key, record_id: str) -> Claim | Kept:
        """Claim a key for a request, or get the answer that it was given before.

        Raises `Conflict` (`in_progress`) while the first request runs, `IdempotencyMismatch` for another request.
        """
        at = _path(party, key.text)
        now = self._now()
        data: Data = {
            "user": party,
            "fingerprint": key.fingerprint,
            "record": record_id,
            "state": "running",
            "created_at": now,
            "expires_at": now + KEPT_FOR,
        }

        async def work(tx: Transaction) -> Document | Transaction:
            found = await tx.get(at)
            if found is not None and not await self._is_free(tx, found, data, now):
                return found
            tx.set(at, data)
            return tx

        found = await self._store.transact(work)
        if isinstance(found, Transaction):
            version = found.version_of(at)
            assert version is not None, "every engine knows the version of what it has just set"
            return Claim(at, data, version, self._most_parts)
        if found.data["record"] == record_id:  # an attempt of ours whose acknowledgement was lost
            return Claim(at, data, found.version, self._most_parts)
        if found.data["state"] == "running":
            raise Conflict(
                "A request with this Idempotency-Key is still running. Wait for it, then try again.", code="in_progress"
            )
        return await self._given_again(found, party)

    async def knows(self, party: Party, text: str) -> bool:
        """Whether a key was claimed before, for whatever request."""
        return await self._store.get(_path(party, text)) is not None

    async def release(self, claim: Claim) -> None:
        """Let go of a key whose request came to nothing and cost nothing, unless it is another's by now, or holds an
        answer."""
        with suppress(Contended):
            await self._store.write(Delete(claim.path, claim.version))

    async def _given_again(self, found: Document, party: Party) -> Kept:
        """An answer that was kept. Where it is large it waits for memory, as it did when it came: asking for it again
        costs nothing, so that nobody could have as much of it as they like."""
        room = Room(self._memory, party)
        try:
            kept = await read_answer(self._store, found, room)
        except BaseException:
            room.leave()
            raise
        if room.held_bytes:
            room.keep(len(kept.body))
            weakref.finalize(kept, room.leave)  # when it is sent and gone
        return kept

    async def _is_free(self, tx: Transaction, found: Document, wanted: Data, now: datetime) -> bool:
        data = found.data
        if data["expires_at"] <= now:
            return True
        if data["fingerprint"] != wanted["fingerprint"]:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used with another request. Use a new key for a new request.",
                param="Idempotency-Key",
            )
        if data["state"] == "done" or data["record"] == wanted["record"]:
            return False
        record = await tx.get(record_path(data["record"]))
        if record is None:
            return bool(data["created_at"] + ABANDONED_AFTER <= now)
        return status_of(record.data) != PENDING  # it ended, and nothing was kept in that commit


async def read_answer(store: Store, found: Document, room: Room | None = None) -> Kept:
    """The answer that a document of a key is done with; in `room` where it is large. Raises `Conflict` where it was too
    large to keep."""
    data = found.data
    if data["parts"] is None:
        raise Conflict(
            "The answer to this Idempotency-Key was too large to keep. Its receipt has what it cost.",
            code="answer_not_kept",
        )
    if data["parts"] > 1 and room is not None:
        await room.take(MOST_BYTES)
    parts = await store.get_many(*(f"{found.path}/parts/{n}" for n in range(data["parts"])))
    text = "".join(part.data["text"] for part in parts if part is not None)
    unpacking = zlib.decompressobj()
    body = await _beside(len(text), lambda: unpacking.decompress(base85.decode(text), SMALL_BYTES))
    if not unpacking.eof:
        if room is not None:
            await room.take(MOST_BYTES)
        body += await _beside(MOST_BYTES, lambda: unpacking.decompress(unpacking.unconsumed_tail) + unpacking.flush())
    return Kept(data["headers"], body, data["stream"])


async def _beside(size: int, work: Callable[[], T]) -> T:
    """What work on so many bytes comes to, which is done beside the event loop where it would hold it up."""
    return await asyncio.to_thread(work) if size > _QUICK_BYTES else work()


def _path(party: Party, text: str) -> str:
    """Where a party's key is kept, which may be any text."""
    return f"idempotency/{party}_{hashlib.sha256(text.encode()).hexdigest()[:40]}"
