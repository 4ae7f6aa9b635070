"""The port for spans and metrics. Nobody listens unless the process was told to export them.

    with span("upstream attempt", upstream="openai") as attempt:
        ...
        attempt.set(outcome="answered")
    count(REQUESTS, 1, model="gpt-4o-mini", status="ok")

Attributes are ids, names of our own and numbers: never an address, a credential, or anything that a client wrote.
Like logging, this is one for the process: handing it to everything that takes time would say nothing in the signatures.
While nobody listens, a call costs a fraction of a microsecond and imports nothing.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from functions.farebox.observability.metrics import Counter, Histogram
from functions.farebox.observability.request_context import TraceContext, current_request

Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]


class Span(Protocol):
    """Something that takes time, while it does."""

    def set(self, **attributes: Attribute) -> None:
        """Say more about it."""


class Telemetry(Protocol):
    """Whoever listens. No call waits for anything or raises, but `close`, which waits a bounded time."""

    def span(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """Part of what the task at hand does."""

    def background_span(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """Something that no one request waits for: a trace of its own."""

    def request_span(
        self, name: str, parent: TraceContext | None, attributes: Attributes
    ) -> AbstractContextManager[Span]:
        """A request from outside; `parent` is what its sender said of its own trace."""

    def current(self) -> TraceContext | None:
        """Where the task at hand is in its trace, for log lines."""

    def count(self, counter: Counter, amount: int, attributes: Attributes) -> None:
        """Add to a sum."""

    def observe(self, histogram: Histogram, value: float, attributes: Attributes) -> None:
        """Add to a distribution."""

    def request_ended(self) -> None:
        """There may be something to export now. It is sent behind the requests, never by one."""

    async def close(self) -> None:
        """Export what is left, within a bounded time."""


class _Silent:
    """A span that nobody listens to."""

    def set(self, **_attributes: Attribute) -> None:
        pass


_SILENT: AbstractContextManager[Span] = nullcontext(_Silent())
_listener: Telemetry | None = None


def set_listener(telemetry: Telemetry | None) -> None:
    """Have somebody listen from now on, or nobody."""
    global _listener  # noqa: PLW0603 (one for the process, as the module says)
    _listener = telemetry


def listener() -> Telemetry | None:
    """Whoever listens."""
    return _listener


def current_trace() -> TraceContext | None:
    """Where the request at hand is in its trace: in our own span of it where somebody listens, else in its sender's."""
    here = None if _listener is None else _listener.current()
    if here is not None:
        return here
    context = current_request.get()
    return None if context is None else context.trace


def span(name: str, /, **attributes: Attribute) -> AbstractContextManager[Span]:
    """A part of what the task at hand does."""
    return _SILENT if _listener is None else _listener.span(name, attributes)


def background_span(name: str, /, **attributes: Attribute) -> AbstractContextManager[Span]:
    """Something that no one request waits for."""
    return _SILENT if _listener is None else _listener.background_span(name, attributes)


def count(counter: Counter, amount: int, /, **attributes: Attribute) -> None:
    """Add to a sum."""
    if _listener is not None:
        _listener.count(counter, amount, attributes)


def observe(histogram: Histogram, value: float, /, **attributes: Attribute) -> None:
    """Add to a distribution."""
    if _listener is not None:
        _listener.observe(histogram, value, attributes)
