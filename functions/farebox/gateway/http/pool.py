"""The HTTP transport: requests to all upstreams over connections that are kept while they may be of use.

The connections are made in the loop of the first call and belong to it. No proxy variables are heeded.
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from weakref import WeakSet

from functions.farebox.gateway.credentials.tokens import NoCredential
from functions.farebox.gateway.http.connection import Connection, HttpIncoming
from functions.farebox.gateway.http.dialer import Dialer, Origin
from functions.farebox.gateway.transport import ConnectFailed, Outgoing
from functions.farebox.gateway.upstream import Upstream

KEEP_ALIVE_S = 60.0  # an upstream that closes earlier is noticed
ORIGINS_KNOWN = 1024


class HttpTransport:
    """Sends requests to `http` and `https` upstreams."""

    def __init__(self) -> None:
        self._dialer = Dialer()
        self._free: dict[str, list[Connection]] = {}  # by the upstream's base address; the last one was used last
        self._all: WeakSet[Connection] = WeakSet()
        self._tidying: asyncio.TimerHandle | None = None

    async def send(self, outgoing: Outgoing) -> HttpIncoming:
        """See `Transport`."""
        upstream, timeouts = outgoing.upstream, outgoing.upstream.timeouts
        until_s = _now_s() + timeouts.first_byte_s
        headers = outgoing.headers
        if upstream.auth == "google" or upstream.lacks or upstream.unopened:
            headers = {**headers, **await _own_credential(upstream)}
        origin = _origin_of(upstream.base_url)
        connection = self._take(upstream.base_url)
        if connection is None:
            timeout_s = min(timeouts.connect_s, timeouts.first_byte_s)
            connection = await self._dial(upstream.base_url, origin, timeout_s)
        head = _head(origin, outgoing, headers)
        outgoing.was_sent = True
        return await connection.exchange(head, outgoing.body, until_s, timeouts.idle_s)

    async def close(self) -> None:
        """Close every connection."""
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None
        for connection in list(self._all):
            connection.abort()
        self._free.clear()

    def _take(self, base_url: str) -> Connection | None:
        free = self._free.get(base_url)
        while free:
            connection = free.pop()
            if connection.is_open and _now_s() - connection.free_since_s < KEEP_ALIVE_S:
                return connection
            connection.abort()
        return None

    async def _dial(self, base_url: str, origin: Origin, timeout_s: float) -> Connection:
        def on_free(connection: Connection) -> None:
            connection.free_since_s = _now_s()
            self._free.setdefault(base_url, []).append(connection)
            if self._tidying is None:
                self._tidying = asyncio.get_running_loop().call_later(KEEP_ALIVE_S, self._tidy)

        connection = await self._dialer.dial(origin, timeout_s, on_free)
        self._all.add(connection)
        return connection

    def _tidy(self) -> None:
        """Close what nobody has needed for long."""
        oldest_s = _now_s() - KEEP_ALIVE_S
        for base_url, free in list(self._free.items()):
            for connection in free:
                if connection.free_since_s <= oldest_s:
                    connection.abort()
            self._free[base_url] = [connection for connection in free if connection.is_open]
            if not self._free[base_url]:
                del self._free[base_url]
        self._tidying = asyncio.get_running_loop().call_later(KEEP_ALIVE_S, self._tidy) if self._free else None


@lru_cache(ORIGINS_KNOWN)
def _origin_of(base_url: str) -> Origin:
    return Origin.of(base_url)


async def _own_credential(upstream: Upstream) -> Mapping[str, str]:
    try:
        return await upstream.credential()
    except NoCredential as error:  # the log says why, and customers read this
        raise ConnectFailed("no credential") from error


def _head(origin: Origin, outgoing: Outgoing, headers: Mapping[str, str]) -> bytes:
    """The request line and the headers (RFC 9112, sections 3 and 5)."""
    target = f"{origin.base_path}{outgoing.path}{outgoing.upstream.query}"
    return (
        f"POST {target} HTTP/1.1\r\nhost: {origin.authority}\r\n{_lines(headers)}"
        f"content-length: {len(outgoing.body)}\r\n\r\n"
    ).encode("ascii")


def _lines(headers: Mapping[str, str]) -> str:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if not len(headers) == lines.count("\r") == lines.count("\n"):
        raise ValueError("a header with a line break in it")
    return lines


def _now_s() -> float:
    return asyncio.get_running_loop().time()
