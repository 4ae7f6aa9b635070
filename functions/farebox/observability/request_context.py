"""The context of the request that the running task serves: for its log lines, and for its one line at the end."""

import asyncio
import re
from contextvars import ContextVar
from dataclasses import dataclass

from msgspec import Struct, field

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]+))?")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16

Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace: ids in lower-case hexadecimal, 32 and 16 digits."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        """As the next server is to be told (https://www.w3.org/TR/trace-context/#traceparent-header)."""
        return f"00-{self.trace_id}-{self.span_id}-{self.sampled:02d}"


class RequestContext(Struct):
    """One request. `facts` are ids, names of our own and numbers, for its line in the log; `work` is a task that
    goes on for it although its client may have gone."""

    request_id: str
    trace: TraceContext | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    work: "asyncio.Future[None] | None" = None


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)


def note(**facts: Fact) -> None:
    """Have facts in the line of the request at hand; nothing where there is none."""
    context = current_request.get()
    if context is not None:
        context.facts.update(facts)


def parse_trace(traceparent: str | None, cloud_trace: str | None) -> TraceContext | None:
    """What the headers `traceparent` (https://www.w3.org/TR/trace-context/) or, failing that, `X-Cloud-Trace-Context`
    (`TRACE/SPAN;o=OPTIONS`, the span in decimal) say."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found:
        version, trace_id, span_id, flags = found.groups()
        if version != "ff" and trace_id != _NO_TRACE and span_id != _NO_SPAN:
            return TraceContext(trace_id, span_id, bool(int(flags, 16) & 1))
    found = _CLOUD_TRACE.fullmatch(cloud_trace or "")
    if found and found[1] != _NO_TRACE:
        span = int(found[2] or 0)
        if 0 < span < 1 << 64:
            return TraceContext(found[1], f"{span:016x}", found[3] == "1")
    return None
