"""Opens connections to upstreams: names looked up now and then, addresses tried as RFC 8305 says, TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohappyeyeballs

from functions.farebox.gateway.http.connection import Connection
from functions.farebox.gateway.transport import ConnectFailed, TimedOut

DNS_TTL_S = 60.0
NEXT_ADDRESS_AFTER_S = 0.25  # RFC 8305's recommendation

_AddressInfo = tuple[Any, ...]  # as `socket.getaddrinfo` answers it


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a server is, and what its requests begin with."""

    host: str
    port: int
    is_tls: bool
    authority: str  # for the `Host` header
    base_path: str

    @classmethod
    def of(cls, base_url: str) -> "Origin":
        """From a checked `http` or `https` address."""
        parts = urlsplit(base_url)
        assert parts.hostname is not None
        is_tls = parts.scheme == "https"
        return cls(parts.hostname, parts.port or (443 if is_tls else 80), is_tls, parts.netloc, parts.path)


class Dialer:
    """Makes connections."""

    def __init__(self) -> None:
        self._looking_up: dict[tuple[str, int], tuple[float, asyncio.Task[list[_AddressInfo]]]] = {}
        self._tls: ssl.SSLContext | None = None

    async def dial(self, origin: Origin, timeout_s: float, on_free: Callable[[Connection], None]) -> Connection:
        """A new connection. Raises `ConnectFailed` or `TimedOut`."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._dial(origin, on_free)
        except TimeoutError as error:
            raise TimedOut("no connection in time") from error
        except OSError as error:  # `ssl.SSLError` and `socket.gaierror` are such
            raise ConnectFailed("no connection") from error

    async def _dial(self, origin: Origin, on_free: Callable[[Connection], None]) -> Connection:
        loop = asyncio.get_running_loop()
        addresses = await self._look_up(origin)
        connected = await aiohappyeyeballs.start_connection(
            addresses, happy_eyeballs_delay=NEXT_ADDRESS_AFTER_S, interleave=1, loop=loop
        )
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(on_free),
                sock=connected,
                ssl=self._context() if origin.is_tls else None,
                server_hostname=origin.host if origin.is_tls else None,
            )
        except BaseException:
            connected.close()
            raise
        return connection

    async def _look_up(self, origin: Origin) -> list[_AddressInfo]:
        """The addresses of a name: looked up once for all who dial at a time, and again when they are old."""
        key = origin.host, origin.port
        loop = asyncio.get_running_loop()
        begun_s, looking_up = self._looking_up.get(key, (0.0, None))
        failed = looking_up is not None and looking_up.done() and (looking_up.cancelled() or looking_up.exception())
        if looking_up is None or failed or loop.time() - begun_s > DNS_TTL_S:
            looking_up = asyncio.ensure_future(loop.getaddrinfo(*key, type=socket.SOCK_STREAM))
            self._looking_up[key] = loop.time(), looking_up
        return await asyncio.shield(looking_up)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
