"""The registry of upstreams in the store: seeded from the configuration, changed by admins, followed by every instance.

An upstream's key, and the values of its headers and its query, are stored sealed. What of them is in Secret Manager is
read with the list, and the tokens of a service account are had from then on: no request waits for either. An instance
reads the list once and looks again every `REFRESH_S` seconds, behind the requests and not in their way. An upstream of
which something does not open any more goes on as it was last read, in an instance that has read it; elsewhere it is not
called.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.farebox.gateway.credentials.tokens import Tokens
from functions.farebox.gateway.entry.form import ECHO_URL
from functions.farebox.gateway.entry.head import NO_SECRETS
from functions.farebox.gateway.upstream import (
    MAX_UPSTREAMS,
    Routes,
    Upstream,
    parse_upstream,
    parse_upstreams,
)
from functions.farebox.storage import AlreadyExists, Create, Data, Document, Query, Set, Store
from functions.farebox.upstreams.named_secrets import NamedSecrets
from functions.farebox.upstreams.sealed_entry import EntrySeal, OpenedEntry

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
        self._entries = EntrySeal(sealing_key)
        self._now = now
        self._clock = clock
        self._read_s = 0.0
        self._refreshing: asyncio.Task[None] | None = None
        self._named = secrets or NamedSecrets(clock)
        self._tokens: Tokens | None = None
        self._lacking: dict[str, tuple[str, ...]] = {}
        self._whole: dict[str, OpenedEntry] = {}  # as each was read last when all of it opened
        self._closed: dict[str, bool] = {}  # of which something does not open; whether they go on as they were

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
        entries = self._open(document for document in documents if document.data["enabled"])
        named = {name for id, each in entries.items() for name in parse_upstream(each.entry, id, is_stored=True).lacks}
        secrets = await self._named.values(named) if named else NO_SECRETS
        upstreams = [
            replace(parse_upstream(each.entry, id, secrets, is_stored=True), unopened=each.unopened)
            for id, each in entries.items()
        ]
        self._tell_lacking(upstreams)
        if all(upstream.auth != "google" for upstream in upstreams):
            await self.close()
        return [self._with_tokens(upstream) for upstream in upstreams]

    @property
    def uncalled(self) -> int:
        """How many of those that are switched on can't be called, since a secret of theirs could not be had."""
        return len(self._lacking.keys() | {id for id, goes_on in self._closed.items() if not goes_on})

    async def close(self) -> None:
        """No token is needed any more."""
        tokens, self._tokens = self._tokens, None
        if tokens is not None:
            await tokens.close()

    def _open(self, documents: Iterable[Document]) -> dict[str, OpenedEntry]:
        """The entries by their ids. One that does not open is the one that was read last, as a whole: its former key
        must not be sent to an address that was changed since."""
        stored = {document.id: self.decode(document.data) for document in documents}
        closed = {id: id in self._whole for id, each in stored.items() if each.unopened}
        entries = {id: self._whole.get(id, each) if each.unopened else each for id, each in stored.items()}
        self._tell_closed(closed)
        self._whole = {id: each for id, each in entries.items() if not each.unopened}
        return entries

    def _tell_closed(self, closed: dict[str, bool]) -> None:
        """Say in the log of which upstreams something does not open, in a line as long as they are the same."""
        if closed and closed != self._closed:
            away = [id for id, goes_on in closed.items() if not goes_on]
            going_on = [id for id, goes_on in closed.items() if goes_on]
            log.error(
                "what is sealed of these upstreams does not open with this FAREBOX_SECRET_KEY: %s. Bring back the key "
                "that sealed it, or change them and send it anew",
                "; ".join(
                    f"{', '.join(ids)} ({fate})"
                    for ids, fate in ((away, "not called"), (going_on, "called as before"))
                    if ids
                ),
            )
        elif self._closed and not closed:
            log.info("what is sealed of all upstreams opens again")
        self._closed = closed

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

    def encode(self, entry: Mapping[str, Any]) -> Data:
        """See `EntrySeal.close`."""
        return self._entries.close(entry)

    def change(self, data: Data, changes: Mapping[str, Any]) -> Data:
        """See `EntrySeal.change`."""
        return self._entries.change(data, changes)

    def decode(self, data: Data) -> OpenedEntry:
        """See `EntrySeal.open`."""
        return self._entries.open(data)
