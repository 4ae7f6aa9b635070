"""`python main.py`: every edge on one port, from one process, with the dashboard."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.app import edge_app
from functions.edge.asgi.deployables import Edges, edge_of, edges_of
from functions.edge.asgi.gc_tuning import tune_gc
from functions.edge.chat.addresses import is_astray
from functions.edge.standalone.banner import banner, model_to_try
from functions.edge.standalone.bounded_protocol import ConnectionLimits, bounded_by
from functions.edge.standalone.bounded_server import BoundedServer, allow_files
from functions.edge.standalone.dashboard import dashboard_routes, is_built
from functions.farebox.config import Config
from functions.farebox.data_plane.inference import Inference
from functions.farebox.errors import BadConfig, StoreUnavailable
from functions.farebox.jobs.schedule import run_on_schedule
from functions.farebox.storage import Refused, Unreachable
from functions.farebox.wiring.local_ollama import Adopt, Found, adopt_ollama, wait_for_ollama
from functions.farebox.wiring.runtime import Runtime, process_runtime

BACKLOG = 2048
CHAT = "chat"
WARM_AFTER_S = 2.0
# Together less than the ten seconds after which a container's keeper loses patience.
DRAIN_TIMEOUT_S = 3  # for requests in flight to end by themselves
CUT_TIMEOUT_S = 3  # for those that were told to: what they relayed is counted, and a vocabulary may have to be loaded
CLOSE_TIMEOUT_S = 3.5


class Standalone:
    """An ASGI app that hands each path to its edge, by name."""

    def __init__(self, runtime: Runtime, edges: Mapping[str, ASGIApp]) -> None:
        self._edges = edges
        captcha = runtime.config.captcha
        pages = dashboard_routes(captcha=None if captcha is None else captcha.service)
        self._rest = edge_app(runtime, [], fallback=pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = edge_of(scope["path"]) or (CHAT if _is_astray(scope) else None)
        app: ASGIApp = self._rest if name is None else self._edges[name]
        await app(scope, receive, send)


def _is_astray(scope: Scope) -> bool:
    """Whether somebody but a browser on its way to a page looks for a call of the data plane, which knows better."""
    return is_astray(scope["path"]) and b"text/html" not in dict(scope["headers"]).get(b"accept", b"")


class StoppingServer(BoundedServer):
    """Tells requests that go on for too long to end, so that their clients hear of it before the connection breaks."""

    def __init__(self, config: uvicorn.Config, inference: Inference) -> None:
        super().__init__(config)
        self._inference = inference

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, and let those in flight end."""
        cutting = asyncio.create_task(self._cut_late())
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    async def _cut_late(self) -> None:
        async with asyncio.TaskGroup() as together:
            together.create_task(self._inference.prepare_shutdown())
            await asyncio.sleep(DRAIN_TIMEOUT_S)
            await self._inference.cancel_all()


def run() -> int:
    """Serve until SIGTERM or SIGINT. Answers the exit status: 2 where the configuration forbids to start."""
    loop_factory = uvicorn.Config(_nothing).get_loop_factory()  # uvloop where it is installed
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_serve())
    except BadConfig as error:
        sys.stderr.write(f"farebox: {error}\n")
        return 2
    except KeyboardInterrupt:
        pass  # before it served anything
    return 0


async def _serve() -> None:
    runtime = await process_runtime()
    try:
        listener = _listen(runtime.config)
        allow_files(runtime.config.max_connections)
        await _check_store(runtime)
        await runtime.payments()  # so that what is missing for them is said now, and not to the first who pays
        runtime.config.check_events()
        plane = await runtime.data_plane()  # seeds an empty store, and finds out now whether everything fits

        async def adopt() -> Found | None:
            return await adopt_ollama(runtime.config, plane.store, plane.upstreams, runtime.now)

        ollama = await adopt()
        if ollama is not None:
            await plane.refresh()
        upstreams = [upstream.id for upstream in await plane.upstreams.read()]
        edges = edges_of(runtime)
        config = uvicorn.Config(
            Standalone(runtime, edges),
            http=bounded_by(ConnectionLimits(connections=runtime.config.max_connections)),
            ws="none",  # a WebSocket would go past all bounds, and nothing here speaks it
            lifespan="off",
            log_config=None,  # ours (`observability/logs.py`) takes what uvicorn says
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # nobody here asks for a client's address
            server_header=False,
            timeout_graceful_shutdown=DRAIN_TIMEOUT_S + CUT_TIMEOUT_S,
        )
        # uvicorn raises the signal that stopped it once more when it has stopped; the books come before that.
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, lambda _signum, _frame: None)
        model = model_to_try(await plane.models(None))
        sys.stdout.write(banner(runtime.config, upstreams, ollama, has_dashboard=is_built(), model=model))
        sys.stdout.flush()
        tune_gc()
        async with _beside_serving(_beside(runtime, adopt, edges)):
            await StoppingServer(config, plane.inference).serve(sockets=[listener])
    finally:
        await runtime.close(CLOSE_TIMEOUT_S)


def _beside(runtime: Runtime, adopt: Adopt, edges: Edges) -> list[Coroutine[Any, Any, None]]:
    """What goes on beside serving. The embedded run has no scheduler for its jobs, as a shared database has."""
    own_schedule = [run_on_schedule(runtime), wait_for_ollama(adopt)] if runtime.config.is_local else []
    return [*own_schedule, _warm(edges)]


async def _warm(edges: Edges) -> None:
    """Make what nobody has asked for yet, in a thread, so that the start waits for none of it and no request later."""
    await asyncio.sleep(WARM_AFTER_S)
    for name in edges:
        await asyncio.to_thread(edges.__getitem__, name)


@asynccontextmanager
async def _beside_serving(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _check_store(runtime: Runtime) -> None:
    try:
        await (await runtime.store()).get("health/none")
    except (Unreachable, StoreUnavailable) as error:
        raise BadConfig("FAREBOX_STORE", f"the database does not answer: {error}") from error
    except Refused as error:
        raise BadConfig("FAREBOX_STORE", f"the database refuses: {error}") from error


def _listen(config: Config) -> socket.socket:
    """A socket that accepts already, so that the banner's commands work from the moment that it is printed."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        variable = "FAREBOX_HOST" if isinstance(error, socket.gaierror) else "PORT"
        problem = f"cannot listen on {config.host}:{config.port}: {error.strerror}. Set {variable} to another"
        raise BadConfig(variable, problem) from error
    return listener


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An app for a configuration that serves none."""
