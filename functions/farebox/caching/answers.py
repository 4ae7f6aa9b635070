"""The cache of answers: in this process's memory first, in the store second.

Memory is bounded by bytes, the least recently used going first; both are bounded by time, which is looked at again
when an answer is read, since the store removes what has expired in its own time. An answer that is too large for one
document stays in memory alone. The store is written behind the requests: what is lost there is only a cache.
"""

import asyncio
import logging
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.farebox.kit import base85
from functions.farebox.kit.model_names import MAX_NAME
from functions.farebox.kit.party import Party
from functions.farebox.storage import Document, Set, Store, Unreachable
from functions.farebox.tokens.usage.usage import Usage

MOST_BYTES = 4 * 1024 * 1024  # of one answer
MOST_STORED_CHARS = 900_000  # a document may have a mebibyte

log = logging.getLogger("farebox.cache")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, whole: a body, or the events of a stream. `model` and `price` are the upstream's name of the model
    that was asked and the name of its price, `answered` the model that the answer itself named, which costs its own,
    `user` whose it is: nobody's where all share them. `usage` and `tier` are what was used and which service tier
    served it, as its upstream told: an answer that was translated says less."""

    body: bytes
    model: str
    price: str
    kept_at: datetime
    answered: str | None = None
    user: str | None = None
    usage: Usage | None = None
    tier: str | None = None


class AnswerCache:
    """The answers, by key. `ttl_s` is how long each may be given again."""

    def __init__(self, store: Store, *, ttl_s: int, memory_bytes: int, now: Callable[[], datetime]) -> None:
        self._store = store
        self._ttl = timedelta(seconds=ttl_s)
        self._memory_bytes = memory_bytes
        self._now = now
        self._memory: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._size = 0
        self._writing: set[asyncio.Task[None]] = set()

    async def get(self, key: str, max_age_s: int | None = None) -> KeptAnswer | None:
        """The answer, if it is there and no older than that. A store that does not answer has none."""
        longest = self._ttl if max_age_s is None else min(self._ttl, timedelta(seconds=max_age_s))
        answer = self._memory.get(key)
        if answer is not None and self._now() - answer.kept_at < self._ttl:
            self._memory.move_to_end(key)
        else:
            self._forget(key)
            answer = await self._read(key)
            if answer is not None:
                self._remember(key, answer)
        return answer if answer is not None and self._now() - answer.kept_at < longest else None

    def put(
        self,
        key: str,
        body: bytes,
        model: str,
        price: str,
        answered: str | None = None,
        *,
        user: Party | None = None,
        usage: Usage | None = None,
        tier: str | None = None,
    ) -> None:
        """Keep an answer, unless it is too large."""
        if len(body) > MOST_BYTES:
            return
        name = answered and answered[: MAX_NAME + 1]  # one that is too long to be a model's stays too long
        served = tier and tier[:MAX_NAME]
        answer = KeptAnswer(body, model, price, self._now(), name, user, usage, served)
        self._remember(key, answer)
        task = asyncio.create_task(self._write(key, answer))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Wait until everything is written."""
        await asyncio.gather(*self._writing)

    def _remember(self, key: str, answer: KeptAnswer) -> None:
        self._forget(key)
        self._memory[key] = answer
        self._size += len(answer.body)
        while self._size > self._memory_bytes:
            self._forget(next(iter(self._memory)))

    def _forget(self, key: str) -> None:
        forgotten = self._memory.pop(key, None)
        if forgotten is not None:
            self._size -= len(forgotten.body)

    async def _read(self, key: str) -> KeptAnswer | None:
        try:
            found = await self._store.get(_path(key))
        except Unreachable:
            log.warning("the answer cache could not be read")
            return None
        if found is None or found.data["expires_at"] <= self._now():
            return None
        data = found.data
        # What versions before this one did not keep.
        answered, user, tier = data.get("answered"), data.get("user"), data.get("tier")
        usage = Usage.from_data(data["usage"]) if data.get("usage") is not None else None
        return KeptAnswer(kept_body(found), data["model"], data["price"], data["kept_at"], answered, user, usage, tier)

    async def _write(self, key: str, answer: KeptAnswer) -> None:
        text = await asyncio.to_thread(lambda: base85.encode(zlib.compress(answer.body, 6)))
        if len(text) > MOST_STORED_CHARS:
            return
        data = {
            "text": text,
            "user": answer.user,
            "model": answer.model,
            "price": answer.price,
            "answered": answer.answered,
            "usage": None if answer.usage is None else answer.usage.to_data(),
            "tier": answer.tier,
            "kept_at": answer.kept_at,
            "expires_at": answer.kept_at + self._ttl,
        }
        try:
            await self._store.write(Set(_path(key), data))
        except Exception:
            log.warning("the answer cache could not be written", exc_info=True)


def kept_body(document: Document) -> bytes:
    """The answer that a document of the cache holds."""
    return zlib.decompress(base85.decode(document.data["text"]))


def _path(key: str) -> str:
    return f"answer_cache/{key}"
