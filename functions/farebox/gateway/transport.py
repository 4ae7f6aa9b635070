"""The interface of a transport: it sends one request to one upstream and hands back the answer as it comes."""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from functions.farebox.gateway.upstream import Upstream

# Of an answer: the others, of which vendors send two dozen, are not even decoded.
READ_HEADERS = frozenset({"content-encoding", "content-length", "content-type", "date", "retry-after"})


class Outgoing(Struct):
    """A request as it goes out. `path` is below the upstream's base address; `body` is JSON. A transport says when it
    `was_sent`: from then on the upstream may work on it."""

    upstream: Upstream
    path: str
    body: bytes
    headers: Mapping[str, str]
    was_sent: bool = False


class TransportError(Exception):
    """The exchange failed below HTTP. The message is for the operator and names neither addresses nor keys.
    `was_written`: the whole request had left this process, so that the upstream may have read it."""

    def __init__(self, message: str, *, was_written: bool = True) -> None:
        super().__init__(message)
        self.was_written = was_written


class ConnectFailed(TransportError):
    """There was no connection, so the upstream has not seen the request."""

    def __init__(self, message: str) -> None:
        super().__init__(message, was_written=False)


class ConnectionLost(TransportError):
    """The connection broke off. `was_stale`: it had served before and broke before a byte of this answer came; the
    upstream most likely closed it as idle and never saw the request."""

    def __init__(self, message: str, *, was_stale: bool = False, was_written: bool = True) -> None:
        super().__init__(message, was_written=was_written)
        self.was_stale = was_stale


class TimedOut(TransportError):
    """The upstream was silent for too long, or its time was over."""


class Incoming(Protocol):
    """An answer that is coming in. Exactly one reader at a time."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, to be looked up by lower-case names: those of `READ_HEADERS`, and perhaps others."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come, read or not."""

    def allow(self, seconds: float) -> None:
        """Give it longer than until its first byte: so many seconds from now. `math.inf`: as long as it takes, if it is
        not silent."""

    async def read(self) -> bytes:
        """The next bytes as they came, empty at the end. Raises `TransportError`."""

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        """Have bytes taken in the very turn of the event loop in which they come, until `take` answers that it wants
        no more in that way, the answer ends, or it fails, of which the next `read` tells. Whoever never has them taken
        so may return at once."""

    async def aclose(self, *, drained: bool = False) -> None:
        """Close the connection now, which tells the upstream to stop; harmless when repeated.

        `drained`: all that matters was read, so the connection may live if the end of the answer is near.
        """


class Transport(Protocol):
    """Sends requests."""

    async def send(self, outgoing: Outgoing) -> Incoming:
        """Send a request; returns when the answer's headers are there. They, and what is read after them, have the
        upstream's `first_byte_s`, until the answer is allowed another time. Raises `TransportError`."""

    async def close(self) -> None:
        """Let go of all connections."""
