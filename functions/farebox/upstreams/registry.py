"""The registry of upstreams in the store: seeded from the configuration, changed by admins, followed by every instance.

An upstream's key is stored sealed. An instance reads the list once and looks again every `REFRESH_S` seconds, behind
the requests and not in their way.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from functions.farebox.gateway.upstream import (
    ECHO_URL,
    MAX_UPSTREAMS,
    Routes,
    Upstream,
    parse_upstream,
    parse_upstreams,
)
from functions.farebox.storage import AlreadyExists, Create, Data, Query, Set, Store

REFRESH_S = 15.0
MARKER = "seeds/upstreams"
ECHO = {"id": "echo", "base_url": ECHO_URL, "models": {"echo": "echo", "echo-embedding": "echo-embedding"}}

log = logging.getLogger("farebox.upstreams")


def upstream_path(upstream_id: str) -> str:
    """Where an upstream is kept."""
    return f"upstreams/{upstream_id}"


async def read_routes(store: Store) -> Routes:
    """What the upstreams that are switched on can be asked for. No key of theirs is opened."""
    documents = await store.query(Query("upstreams", limit=MAX_UPSTREAMS))
    entries = ((document.id, json.loads(document.data["entry"])) for document in documents if document.data["enabled"])
    return Routes(parse_upstream(entry, upstream_id) for upstream_id, entry in entries)


class UpstreamList:
    """The list in the store. `sealing_key` is the server's key for the upstreams' keys."""

    def __init__(
        self, store: Store, sealing_key: bytes, *, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._sealing_key = sealing_key
        self._now = now
        self._clock = clock
        self._read_s = 0.0
        self._refreshing: asyncio.Task[None] | None = None

    async def seed(self, entries: Sequence[Any] | None, *, force: bool) -> None:
        """Write the configured upstreams at the first start, or over what is there with `force`.

        `None` is the built-in echo. Raises `ValueError` that names the entry and the field.
        """
        entries = [ECHO] if entries is None else entries
        parse_upstreams(list(entries))
        if not force and await self._store.get(MARKER) is not None:
            return
        for entry in entries:
            data = self.encode(entry)
            try:
                await self._store.write(
                    (Set if force else Create)(upstream_path(entry["id"]), {**data, "created_at": self._now()})
                )
            except AlreadyExists:  # another instance seeds as well
                continue
        await self._store.write(Set(MARKER, {"seeded_at": self._now(), "count": len(entries)}))

    async def read(self) -> list[Upstream]:
        """Every upstream that is switched on."""
        self._read_s = self._clock()
        documents = await self._store.query(Query("upstreams", limit=MAX_UPSTREAMS))
        return [self._from_data(document.id, document.data) for document in documents if document.data["enabled"]]

    def follow(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """If the list is old, have it read again in the background; a failure keeps the last good one."""
        if self._clock() - self._read_s >= REFRESH_S and self._refreshing is None:
            self._read_s = self._clock()
            self._refreshing = asyncio.create_task(self._refresh(refresh))

    async def _refresh(self, refresh: Callable[[], Awaitable[None]]) -> None:
        try:
            await refresh()
        except Exception:
            log.warning("the upstreams could not be read; the last ones stay", exc_info=True)
        finally:
            self._refreshing = None

    def encode(self, entry: dict[str, Any]) -> Data:
        """What is stored of an entry, switched on. It is text, since names of models may hold what no field's name may.

        Raises `ValueError` as `parse_upstream` does.
        """
        parse_upstream(entry)
        entry = dict(entry)
        key = entry.pop("api_key", None)
        sealed = None if key is None else self._seal().close(key)
        return {"entry": json.dumps(entry), "sealed_key": sealed, "enabled": True}

    def decode(self, data: Data) -> dict[str, Any]:
        """The entry that was stored, its key included."""
        entry: dict[str, Any] = json.loads(data["entry"])
        if data["sealed_key"] is not None:
            entry["api_key"] = self._seal().open(data["sealed_key"])
        return entry

    def _from_data(self, upstream_id: str, data: Data) -> Upstream:
        return parse_upstream(self.decode(data), upstream_id)

    def _seal(self) -> Any:
        from functions.farebox.secrets.seal import Seal  # imported where there is a key to seal

        return Seal(self._sealing_key)
