"""The registry of upstreams in the store: seeded from the configuration, changed by admins, followed by every instance.

An upstream's key, and the values of its headers and its query, are stored sealed. What of them is in Secret Manager is
read with the list, and the tokens of a service account are had from then on: no request waits for either. An instance
reads the list once and looks again every `REFRESH_S` seconds, behind the requests and not in their way.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.farebox.gateway.credentials.tokens import Tokens
from functions.farebox.gateway.entry.form import ECHO_URL, SECRET_FIELDS
from functions.farebox.gateway.entry.head import NO_SECRETS
from functions.farebox.gateway.upstream import (
    MAX_UPSTREAMS,
    Routes,
    Upstream,
    parse_upstream,
    parse_upstreams,
)
from functions.farebox.storage import AlreadyExists, Create, Data, Query, Set, Store
from functions.farebox.upstreams.named_secrets import NamedSecrets

REFRESH_S = 15.0
MARKER = "seeds/upstreams"
ECHO = {"id": "echo", "base_url": ECHO_URL, "models": {"echo": "echo", "echo-embedding": "echo-embedding"}}

log = logging.getLogger("farebox.upstreams")


def upstream_path(upstream_id: str) -> str:
    """Where an upstream is kept."""
    return f"upstreams/{upstream_id}"


async def read_routes(store: Store) -> Routes:
    """What the upstreams that are switched on can be asked for. No secret of theirs is opened."""
    documents = await store.query(Query("upstreams", limit=MAX_UPSTREAMS))
    entries = ((document.id, json.loads(document.data["entry"])) for document in documents if document.data["enabled"])
    return Routes(parse_upstream(entry, upstream_id, is_stored=True) for upstream_id, entry in entries)


class UpstreamList:
    """The list in the store. `sealing_key` is the server's key for the upstreams' secrets."""

    def __init__(
        self,
        store: Store,
        sealing_key: bytes,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        secrets: NamedSecrets | None = None,
    ) -> None:
        self._store = store
        self._sealing_key = sealing_key
        self._now = now
        self._clock = clock
        self._read_s = 0.0
        self._refreshing: asyncio.Task[None] | None = None
        self._named = secrets or NamedSecrets(clock)
        self._tokens: Tokens | None = None
        self._lacking: dict[str, tuple[str, ...]] = {}

    async def seed(self, entries: Sequence[Any] | None, *, force: bool) -> bool:
        """Write the configured upstreams at the first start, or over what is there with `force`; whether that was done.

        `None` is the built-in echo. Raises `ValueError` that names the entry and the field.
        """
        entries = [ECHO] if entries is None else entries
        parse_upstreams(list(entries))
        if not force and await self._store.get(MARKER) is not None:
            return False
        for entry in entries:
            data = self.encode(entry)
            try:
                await self._store.write(
                    (Set if force else Create)(upstream_path(entry["id"]), {**data, "created_at": self._now()})
                )
            except AlreadyExists:  # another instance seeds as well
                continue
        await self._store.write(Set(MARKER, {"seeded_at": self._now(), "count": len(entries)}))
        return True

    async def read(self) -> list[Upstream]:
        """Every upstream that is switched on."""
        self._read_s = self._clock()
        documents = await self._store.query(Query("upstreams", limit=MAX_UPSTREAMS))
        entries = [(document.id, self.decode(document.data)) for document in documents if document.data["enabled"]]
        named = {name for id, entry in entries for name in parse_upstream(entry, id, is_stored=True).lacks}
        secrets = await self._named.values(named) if named else NO_SECRETS
        upstreams = [parse_upstream(entry, id, secrets, is_stored=True) for id, entry in entries]
        self._tell_lacking(upstreams)
        if all(upstream.auth != "google" for upstream in upstreams):
            await self.close()
        return [self._with_tokens(upstream) for upstream in upstreams]

    async def close(self) -> None:
        """No token is needed any more."""
        tokens, self._tokens = self._tokens, None
        if tokens is not None:
            await tokens.close()

    def _with_tokens(self, upstream: Upstream) -> Upstream:
        if upstream.auth != "google":
            return upstream
        if self._tokens is None:
            from functions.farebox.gateway.credentials.service_account import service_account_tokens

            self._tokens = service_account_tokens(self._now)
        self._tokens.keep()  # so that no request has to wait for the first one, or few
        return replace(upstream, tokens=self._tokens)

    def _tell_lacking(self, upstreams: Sequence[Upstream]) -> None:
        """Say in the log whom a secret keeps from being called, once as long as it does."""
        lacking = {upstream.id: upstream.lacks for upstream in upstreams if upstream.lacks}
        for id, names in lacking.items():
            if self._lacking.get(id) != names:
                log.error("upstream %s is not called: %s could not be read, or is no such value", id, ", ".join(names))
        for id in self._lacking.keys() - lacking.keys():
            log.info("upstream %s has its secrets again", id)
        self._lacking = lacking

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
        entry = {name: value for name, value in entry.items() if value is not None}
        key = entry.pop("api_key") if isinstance(entry.get("api_key"), str) else None
        values = {name: entry.pop(name) for name in SECRET_FIELDS if name in entry}
        return {
            "entry": json.dumps(entry),
            "sealed_key": None if key is None else self._seal().close(key),
            "sealed_values": self._seal().close(json.dumps(values)) if values else None,
            "enabled": True,
        }

    def decode(self, data: Data) -> dict[str, Any]:
        """The entry that was stored, its secrets included."""
        entry: dict[str, Any] = json.loads(data["entry"])
        if data["sealed_key"] is not None:
            entry["api_key"] = self._seal().open(data["sealed_key"])
        if data["sealed_values"] is not None:
            entry.update(json.loads(self._seal().open(data["sealed_values"])))
        return entry

    def _seal(self) -> Any:
        from functions.farebox.secrets.seal import Seal  # imported where there is a key to seal

        return Seal(self._sealing_key)
