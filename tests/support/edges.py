"""The whole surface in the test's process. To make an edge takes a while, so each is made when somebody asks for it."""

from collections.abc import Iterator, Mapping

from starlette.types import ASGIApp

from functions.edge.standalone import Standalone
from functions.edge.surface import EDGES, make_edge
from functions.farebox.runtime import Runtime


class _MadeWhenAsked(Mapping[str, ASGIApp]):
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._made: dict[str, ASGIApp] = {}

    def __getitem__(self, name: str) -> ASGIApp:
        if name not in self._made:
            self._made[name] = make_edge(name, self._runtime)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(EDGES)

    def __len__(self) -> int:
        return len(EDGES)


def surface_over(runtime: Runtime) -> Standalone:
    """Everything that `python main.py` serves, over a runtime of the test's own."""
    return Standalone(runtime, _MadeWhenAsked(runtime))
