"""The whole app in the test's process, made cheaply: FastAPI takes two tenths of a second to make all its edges.

So those are made once for a process, when somebody asks for one. In place of a runtime they have one that stands for
the runtime of whichever surface is asked: every request meets its own, as if the edge had been made for it alone.
"""

from contextvars import ContextVar
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.deployables import EDGES, Edges, make_edge
from functions.edge.standalone.openapi import Document, merged_document
from functions.edge.standalone.server import Standalone
from functions.farebox.kit.memory_budget import MemoryBudget
from functions.farebox.wiring.runtime import Runtime

ON_FASTAPI = frozenset({"accounts", "keys", "wallet", "usage", "metering", "admin"})

AMPLE_BYTES = 1 << 40

_asked: ContextVar[Any] = ContextVar("asked")


class _WhicheverIsAsked:
    def __getattr__(self, name: str) -> Any:
        return getattr(_asked.get(), name)


@cache
def _shared(name: str, cors_origins: tuple[str, ...]) -> ASGIApp:
    # While it is made there is this to know of a runtime and nothing else: more would be another's.
    config = SimpleNamespace(cors_origins=cors_origins)
    token = _asked.set(SimpleNamespace(config=config, body_memory=MemoryBudget(AMPLE_BYTES)))
    try:
        return make_edge(name, cast("Runtime", _WhicheverIsAsked()))
    finally:
        _asked.reset(token)


def _edge(name: str, runtime: Runtime) -> ASGIApp:
    return _shared(name, tuple(runtime.config.cors_origins)) if name in ON_FASTAPI else make_edge(name, runtime)


def api_document(runtime: Runtime) -> Document:
    """What `/openapi.json` answers: FastAPI remembers of each edge what it took a second to write of all of them."""
    return merged_document({name: _edge(name, runtime) for name in EDGES})


def surface_over(runtime: Runtime) -> ASGIApp:
    """Everything that `python main.py` serves, over a runtime of the test's own."""
    app = Standalone(runtime, Edges(runtime, _edge))

    async def surface(scope: Scope, receive: Receive, send: Send) -> None:
        token = _asked.set(runtime)
        try:
            await app(scope, receive, send)
        finally:
            _asked.reset(token)

    return surface
