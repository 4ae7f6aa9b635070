"""The whole surface in the test's process, cheaply: FastAPI takes two tenths of a second to make all its edges.

So those are made once for a process, when somebody asks for one. In place of a runtime they have one that stands for
the runtime of whichever surface is asked: every request meets its own, as if the edge had been made for it alone.
"""

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.standalone import Standalone
from functions.edge.surface import EDGES, make_edge
from functions.farebox.runtime import Runtime

ON_FASTAPI = frozenset({"accounts", "keys", "wallet", "usage", "metering", "admin"})

_asked: ContextVar[Any] = ContextVar("asked")


class _WhicheverIsAsked:
    def __getattr__(self, name: str) -> Any:
        return getattr(_asked.get(), name)


@cache
def _shared(name: str, cors_origins: tuple[str, ...]) -> ASGIApp:
    # While it is made there is this to know of a runtime and nothing else: more would be another's.
    token = _asked.set(SimpleNamespace(config=SimpleNamespace(cors_origins=cors_origins)))
    try:
        return make_edge(name, cast("Runtime", _WhicheverIsAsked()))
    finally:
        _asked.reset(token)


class _Edges(Mapping[str, ASGIApp]):
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._own: dict[str, ASGIApp] = {}

    def __getitem__(self, name: str) -> ASGIApp:
        if name not in self._own:
            origins = tuple(self._runtime.config.cors_origins)
            self._own[name] = _shared(name, origins) if name in ON_FASTAPI else make_edge(name, self._runtime)
        return self._own[name]

    def __iter__(self) -> Iterator[str]:
        return iter(EDGES)

    def __len__(self) -> int:
        return len(EDGES)


def surface_over(runtime: Runtime) -> ASGIApp:
    """Everything that `python main.py` serves, over a runtime of the test's own."""
    app = Standalone(runtime, _Edges(runtime))

    async def surface(scope: Scope, receive: Receive, send: Send) -> None:
        token = _asked.set(runtime)
        try:
            await app(scope, receive, send)
        finally:
            _asked.reset(token)

    return surface
