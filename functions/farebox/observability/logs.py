"""Log lines: structured JSON where Cloud Logging reads them, and lines for people everywhere else.

A traceback is logged without what its exceptions say, unless they are of a kind that speaks to operators: an exception
may quote whatever a client sent. At the level `debug`, which Cloud Run refuses, it is logged whole.
"""

import logging
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import orjson
from msgspec import Struct

from functions.farebox.errors import BadConfig
from functions.farebox.observability.redaction import HIDDEN, redact
from functions.farebox.observability.request_context import RequestContext, TraceContext, current_request
from functions.farebox.observability.telemetry import listener

ACCESS = "access"  # the attribute of a record that is a request's one line: its `Access`
MOST_CHARACTERS = 20_000  # of one text; Cloud Logging takes 256 KiB a line

_SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "gunicorn.error")
_RAW_ACCESS = ("uvicorn.access", "gunicorn.access")  # a line a request of their own, with its address as it came
# What these say is about connections, quotas and settings. Google's are known by their package, which is not imported.
_FOR_OPERATORS = (BadConfig, OSError)
_FOR_OPERATORS_FROM = ("sqlite3", "google.api_core.", "google.auth.", "functions.farebox.gateway.transport")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """`as_json`: for Cloud Logging, whose traces are in `project`. `level` is one of `logging`'s."""

    as_json: bool
    project: str | None
    level: int


class Access(Struct, frozen=True):
    """A request and its answer. `route` is the path with its parameters' names in place of their values."""

    method: str
    route: str
    status: int
    latency_s: float
    context: RequestContext


class _AccessRecord(logging.LogRecord):
    """The record of a request's one line. `logging` makes one in three calls, of which each works out again what is the
    same of all of them. By which thread and process it was made it does not tell."""

    def __init__(self, logger: logging.Logger, access: Access) -> None:
        self.__dict__.update(_EVERY_ACCESS)
        self.name = logger.name
        self.args = _args(access)
        self.created = now_s = time.time()
        self.msecs = int(now_s % 1 * 1000) + 0.0  # whole, as `logging` has it: rounded up, 999.6 would be a thousand
        self.relativeCreated = (now_s - _BEGAN_S) * 1000
        self.__dict__[ACCESS] = access


_WORDS, _FILE, _FUNCTION = "%s %s %d", "(unknown file)", "(unknown function)"
_ANY = logging.LogRecord("", logging.INFO, _FILE, 0, _WORDS, (), None, _FUNCTION)
_EVERY_ACCESS = {**_ANY.__dict__, **dict.fromkeys(("thread", "threadName", "process", "processName"))}
_BEGAN_S = _ANY.created - _ANY.relativeCreated / 1000


def log_access(logger: logging.Logger, access: Access) -> None:
    """Write a request's one line, at the level `INFO`, for which the logger is enabled. Where somebody has set a
    factory of records, as instrumentations do, it makes this one as well."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logger.handle(_AccessRecord(logger, access))
    else:
        record = logger.makeRecord(
            logger.name, logging.INFO, _FILE, 0, _WORDS, _args(access), None, _FUNCTION, {ACCESS: access}
        )
        logger.handle(record)


def _args(access: Access) -> tuple[str, str, int]:
    return access.method, access.route, access.status


def set_up_logs(settings: LogSettings) -> None:
    """Have everything that is logged in this process come out as the settings say. A second call replaces the first.

    Whoever hosts this code may have set logs up after importing it, as functions-framework does where
    `LOG_EXECUTION_ID` is set: with `dictConfig`, which disables all loggers that exist by then, and with a handler
    that would print each line once more and unredacted. Neither outlasts this call.
    """
    # No line shows these, and each costs every line: https://docs.python.org/3/howto/logging.html#optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if type(handler) in (_Output, logging.StreamHandler)]:
        root.removeHandler(handler)
    for logger in root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False
    output = _Output()
    output.setFormatter(
        CloudFormatter(settings.project) if settings.as_json else PlainFormatter(whole=settings.level <= logging.DEBUG)
    )
    root.addHandler(output)
    root.setLevel(max(settings.level, logging.WARNING))  # other people's libraries
    logging.getLogger("farebox").setLevel(settings.level)
    for name in _SERVERS:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
    for name in _RAW_ACCESS:
        raw = logging.getLogger(name)
        raw.handlers.clear()
        raw.propagate = False  # with no handler to reach, uvicorn does not even put the line together
        raw.disabled = True


class CloudFormatter(logging.Formatter):
    """One JSON object a line. https://cloud.google.com/logging/docs/structured-logging#special-payload-fields"""

    def __init__(self, project: str | None) -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        access: Access | None = getattr(record, ACCESS, None)
        context = access.context if access else current_request.get()
        line: dict[str, Any] = {
            "severity": record.levelname,
            "message": message_of(record),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
        }
        if context is not None:
            line["request_id"] = redact(context.request_id)
        line |= self._trace_fields(_trace_of(access, context))
        if access is not None:
            line["httpRequest"] = {
                "requestMethod": access.method,
                "requestUrl": access.route,
                "status": access.status,
                "latency": f"{access.latency_s:.6f}s",
            }
            line |= _clean(access.context.facts)
        if record.exc_info:
            line["stack_trace"] = stack_of(record)
        return orjson.dumps(line, default=str).decode()

    def _trace_fields(self, trace: TraceContext | None) -> Mapping[str, Any]:
        if trace is None or self._project is None:
            return {}
        return {
            "logging.googleapis.com/trace": f"projects/{self._project}/traces/{trace.trace_id}",
            "logging.googleapis.com/spanId": trace.span_id,
            "logging.googleapis.com/trace_sampled": trace.sampled,
        }


class PlainFormatter(logging.Formatter):
    """A line for people. `whole`: with what exceptions say."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it."""
        access: Access | None = getattr(record, ACCESS, None)
        context = access.context if access else current_request.get()
        at = _clock_time(int(record.created))
        said = _said(record)
        parts = [at, record.levelname, said]
        if access is not None:
            parts = [at, said, f"{access.latency_s * 1000:.0f} ms"]
            parts += [f"{name}={value}" for name, value in access.context.facts.items() if value is not None]
        if context is not None and context.request_id not in said:
            parts.append(context.request_id)
        line = redact(" ".join(parts))  # once for all of it: there is a line for every request
        if record.exc_info:
            stack = super().formatException(record.exc_info) if self._whole else stack_of(record)
            line = f"{line}\n{stack.rstrip()}"
        return line


@lru_cache(2)
def _clock_time(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def message_of(record: logging.LogRecord) -> str:
    """What a record says, without what must not be said."""
    return redact(_said(record))


def _said(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # its arguments do not fit, which must not be the end of the request that logs
        text = str(record.msg)
    if record.name == "asyncio":
        text = text.partition("\n")[0]  # below it are tasks and what they raised
    return text[:MOST_CHARACTERS]


def stack_of(record: logging.LogRecord) -> str:
    """A record's traceback: where, and of what class; not what was said, but by those who speak to operators."""
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    return redact("".join(_stack(record.exc_info[1])))[-MOST_CHARACTERS:]


def _stack(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _stack(cause)
        yield "\nand then:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}: {str(error) if _is_for_operators(error) else HIDDEN}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _stack(each)


def _is_for_operators(error: BaseException) -> bool:
    return isinstance(error, _FOR_OPERATORS) or type(error).__module__.startswith(_FOR_OPERATORS_FROM)


def _trace_of(access: Access | None, context: RequestContext | None) -> TraceContext | None:
    telemetry = None if access else listener()
    current = telemetry.current() if telemetry else None
    return current or (context.trace if context else None)


def _clean(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: redact(value) if isinstance(value, str) else value for name, value in facts.items() if value is not None
    }


class _Output(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is when it writes: tests put something else there."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.stream.write(self.format(record) + self.terminator)  # which is flushed with each line
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _stream: TextIO) -> None:
        pass
