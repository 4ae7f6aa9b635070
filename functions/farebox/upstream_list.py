"""The upstreams that the store knows: seeded from the configuration, changed by admins, followed by every instance.

An upstream's key is stored sealed. An instance reads the list once and looks again every `REFRESH_S` seconds, behind
the requests and not in their way.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from functions.farebox.gateway.upstreams import ECHO_URL, MAX_UPSTREAMS, Upstream, parse_upstream, parse_upstreams
from functions.farebox.storage import AlreadyExists, Create, Data, Query, Set, Store

REFRESH_S = 15.0
MARKER = "seeds/upstreams"
ECHO = {"id": "echo", "base_url": ECHO_URL, "models": {"echo": "echo", "echo-embedding": "echo-embedding"}}

log = logging.getLogger("farebox.upstreams")


def upstream_path(upstream_id: str) -> str:
    """Where an upstream is kept."""
    return f"upstreams/{upstream_id}"


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
            data = self._to_data(entry)
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

    def follow(self, configure: Callable[[Sequence[Upstream]], None]) -> None:
        """Look at the store again, if the list is old, in the background; a failure keeps the last good one."""
        if self._clock() - self._read_s >= REFRESH_S and self._refreshing is None:
            self._read_s = self._clock()
            self._refreshing = asyncio.create_task(self._refresh(configure))

    async def _refresh(self, configure: Callable[[Sequence[Upstream]], None]) -> None:
        try:
            configure(await self.read())
        except Exception:
            log.warning("the upstreams could not be read; the last ones stay", exc_info=True)
        finally:
            self._refreshing = None

    def _to_data(self, entry: dict[str, Any]) -> Data:
        entry = dict(entry)
        key = entry.pop("api_key", None)
        return {"entry": entry, "sealed_key": None if key is None else self._seal().close(key), "enabled": True}

    def _from_data(self, upstream_id: str, data: Data) -> Upstream:
        entry = dict(data["entry"])
        if data["sealed_key"] is not None:
            entry["api_key"] = self._seal().open(data["sealed_key"])
        return parse_upstream(entry, upstream_id)

    def _seal(self) -> Any:
        from functions.farebox.sealing import Seal  # imported where there is a key to seal

        return Seal(self._sealing_key)
