"""Closing the runtime on SIGTERM where the server offers no hook for it, as functions-framework does not.

uvicorn's own handler ends the event loop once the last connection is gone. Ours comes before: it refuses new requests,
waits for those in flight, closes the runtime, and only then hands the signal on. Cloud Run kills ten seconds after the
signal.
"""

import asyncio
import signal
import threading
from contextlib import suppress
from types import FrameType

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.app import MAX_MANAGEMENT_BODY_BYTES
from functions.edge.asgi.envelope import Envelope
from functions.edge.asgi.errors import error_response
from functions.farebox.errors import StoreUnavailable
from functions.farebox.wiring.runtime import Runtime

DRAIN_TIMEOUT_S = 4.0
CLOSE_TIMEOUT_S = 5.0


_REFUSAL = Envelope(
    error_response(StoreUnavailable("This server is shutting down. Try again.")),
    max_body_bytes=MAX_MANAGEMENT_BODY_BYTES,
)


class Shutdown:
    """Watches over one process: its requests in flight and its SIGTERM."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing: asyncio.Task[None] | None = None

    def watch(self, app: ASGIApp) -> ASGIApp:
        """The app, its requests counted."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if self._closing is not None:
                await _REFUSAL(scope, receive, send)
                return
            self._in_flight += 1
            self._idle.clear()
            try:
                await app(scope, receive, send)
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()

        return watched

    def install(self) -> None:
        """Go before the server's own SIGTERM handler. Without one (in a test) there is nothing to go before."""
        server_handler = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(server_handler):
            return
        loop = asyncio.get_running_loop()

        def begin() -> None:
            if self._closing is None:
                self._closing = loop.create_task(self.close())
                self._closing.add_done_callback(lambda _: server_handler(signal.SIGTERM, None))

        def handle(_signum: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(begin)

        signal.signal(signal.SIGTERM, handle)

    async def close(self) -> None:
        """Wait for requests in flight, but not for long, then close the runtime."""
        with suppress(TimeoutError):  # a stream that goes on; what it has not settled, the sweep will
            async with asyncio.timeout(DRAIN_TIMEOUT_S), asyncio.TaskGroup() as together:
                if not self._idle.is_set():
                    together.create_task(self._runtime.prepare_shutdown())
                together.create_task(self._idle.wait())
        await self._runtime.close(CLOSE_TIMEOUT_S)
