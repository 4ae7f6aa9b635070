"""The HTTP transport: one aiohttp session to all upstreams, whose pool keeps its speed as connections grow.

The session is made by the first call, in the loop that runs then, and belongs to that loop. It follows no redirects
(an upstream could be made to send a prompt and a key elsewhere), keeps no cookies and heeds no proxy variables.
"""

import asyncio
import io
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from functions.farebox.gateway.exchange import ConnectFailed, ConnectionLost, Outgoing, TimedOut, TransportError

KEEP_ALIVE_S = 60.0  # an upstream that closes earlier is noticed
DNS_TTL_S = 60
LINGER_S = 1.0  # how long a connection waits for the end of an answer that has said all that matters
LARGE_BODY_BYTES = 256 * 1024  # above, a body is sent in pieces


class HttpTransport:
    """Sends requests to `http` and `https` upstreams."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._lingering: set[HttpIncoming] = set()

    async def send(self, outgoing: Outgoing) -> "HttpIncoming":
        """Send a request; returns when the answer's headers are there. Raises `TransportError`.

        Bounds the time it takes to connect; for the rest of the wait the caller sets the deadline.
        """
        session = self._session or self._open()
        upstream = outgoing.upstream
        _was_used.set(False)
        large = len(outgoing.body) > LARGE_BODY_BYTES
        try:
            response = await session.post(
                upstream.base_url + outgoing.path,
                data=io.BytesIO(outgoing.body) if large else outgoing.body,
                headers=outgoing.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=upstream.timeouts.connect_s),
            )
        except aiohttp.ConnectionTimeoutError as error:
            raise TimedOut("no connection in time") from error
        except aiohttp.ClientConnectorError as error:
            raise ConnectFailed("no connection") from error
        except (aiohttp.ClientConnectionError, OSError) as error:
            raise ConnectionLost("the connection broke", was_stale=_was_used.get()) from error
        except aiohttp.ClientError as error:
            raise ConnectionLost("the answer is not HTTP") from error
        return HttpIncoming(response, upstream.timeouts.idle_s, self._lingering)

    async def close(self) -> None:
        """Close every connection."""
        for incoming in list(self._lingering):
            await incoming.aclose()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=_Pool(limit=0, keepalive_timeout=KEEP_ALIVE_S, ttl_dns_cache=DNS_TTL_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=True,
        )
        return self._session


class HttpIncoming:
    """An answer that is coming in over a socket.

    One timer a response watches for silence. It is not set anew for every chunk: it looks, when it fires, at how
    long the reader has been waiting, and sleeps on for the rest.
    """

    def __init__(self, response: aiohttp.ClientResponse, idle_s: float, lingering: "set[HttpIncoming]") -> None:
        self._response = response
        self._content = response.content
        self._idle_s = idle_s
        self._lingering = lingering
        self._loop = asyncio.get_running_loop()
        self._waiting_since_s: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._was_silent = False

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by names in any case."""
        return self._response.headers

    async def read(self) -> bytes:
        """The next bytes as they came, decompressed; empty at the end. Raises `TransportError`."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._idle_s, self._look_for_silence)
        self._waiting_since_s = self._loop.time()
        try:
            return await self._content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise self._failure() from error
        finally:
            self._waiting_since_s = None

    async def aclose(self, *, drained: bool = False) -> None:
        """Close the connection now; `drained`: or keep it, if the answer ends within `LINGER_S`."""
        if drained and self in self._lingering:
            return
        if drained and self._response.connection is not None:
            self._set_timer(self._loop.call_later(LINGER_S, self._close))
            self._lingering.add(self)
            self._content.on_eof(self._close)  # by then the response has given its connection back
        else:
            self._close()

    def _close(self) -> None:
        self._set_timer(None)
        self._lingering.discard(self)
        self._response.close()

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _look_for_silence(self) -> None:
        now_s = self._loop.time()
        due_s = (now_s if self._waiting_since_s is None else self._waiting_since_s) + self._idle_s
        if now_s < due_s:
            self._timer = self._loop.call_at(due_s, self._look_for_silence)
            return
        self._was_silent = True
        self._response.close()

    def _failure(self) -> TransportError:
        return TimedOut("it fell silent") if self._was_silent else ConnectionLost("the connection broke")


# Whether the connection of the request at hand had served another one before.
_was_used: ContextVar[bool] = ContextVar("was_used", default=False)


class _Pool(aiohttp.TCPConnector):
    """Tells of each connection whether it had been used; aiohttp's tracing tells it at a fifth of a call's cost."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        assert protocol is not None, "a connection that was just made is open"
        _was_used.set(protocol in self._used)
        self._used.add(protocol)
        return connection
