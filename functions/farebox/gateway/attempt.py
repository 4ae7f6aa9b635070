"""One attempt: sends a call to one candidate and decides whether it has answered, before a byte reaches the client."""

import math
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from functions.farebox.gateway.answers import Answer, PlainAnswer, RejectedAnswer, Source, StreamAnswer
from functions.farebox.gateway.call import Call, outgoing
from functions.farebox.gateway.embeddings import in_asked_encoding
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.rejection import plain_rejection, rejection
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.trail import Outcome
from functions.farebox.gateway.transport import ConnectFailed, ConnectionLost, Incoming, TimedOut, Transport
from functions.farebox.request.checked import Endpoint
from functions.farebox.tokens.usage.places import usage_in

MAX_ERROR_BYTES = 64 * 1024
EVENT_STREAM = "text/event-stream"
REQUEST_FAULTS = frozenset({400, 404, 413, 422})  # nobody else would take the request either

_RESULT: dict[Endpoint, str] = {"/chat/completions": "choices", "/completions": "choices", "/embeddings": "data"}


class AttemptFailed(Exception):
    """The attempt gave no answer; the next candidate may.

    `is_illness`: the upstream should cool down. An answer that is too long or not what was asked for may be this one
    request's doing, and must not take the upstream from others.
    """

    def __init__(
        self,
        outcome: Outcome,
        error: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        was_stale: bool = False,
    ) -> None:
        super().__init__(error)
        self.outcome = outcome
        self.error = error
        self.status = status
        self.retry_after_s = retry_after_s
        self.was_stale = was_stale
        self.is_illness = outcome != "invalid" and not was_stale


async def attempt(
    call: Call, candidate: Candidate, transport: Transport, *, clock: Callable[[], float], max_body_bytes: int
) -> Answer:
    """Send a call to a candidate and judge what comes back. Raises `AttemptFailed`; closes what it does not hand over.

    The answer's source does not know yet which attempts were made.
    """
    try:
        incoming = await transport.send(outgoing(call, candidate))
        try:
            if not 200 <= incoming.status < 300:
                return await _rejected(incoming, candidate, clock())
            if call.stream:
                return await _begun(incoming, call, candidate, clock)
            if not incoming.is_whole:
                incoming.allow(candidate.upstream.timeouts.answer_s)
            return await _whole(incoming, call, _source(candidate, clock()), max_body_bytes)
        except AttemptFailed as failure:
            await incoming.aclose(drained=failure.status is not None)
            raise
        except BaseException:
            await incoming.aclose()
            raise
    except TimedOut as error:
        raise AttemptFailed("timeout", "no answer in time") from error
    except ConnectFailed as error:
        raise AttemptFailed("unreachable", str(error)) from error
    except ConnectionLost as error:
        raise AttemptFailed("connection_lost", str(error), was_stale=error.was_stale) from error


def _source(candidate: Candidate, first_byte_s: float) -> Source:
    return Source(candidate.upstream.id, candidate.model, (), first_byte_s, candidate.price)


async def _rejected(incoming: Incoming, candidate: Candidate, first_byte_s: float) -> RejectedAnswer:
    """The upstream's refusal of the request, or `AttemptFailed` where its status means something else.

    A 404 that is not in OpenAI's shape comes from a wrong base address, so it is not the request's fault.
    """
    status = incoming.status
    if status not in REQUEST_FAULTS:
        raise _failed_by_status(status, incoming.headers)
    body = await _read(incoming, MAX_ERROR_BYTES)
    quoted = None if body is None else rejection(body, candidate.upstream)
    if quoted is None and status == 404:
        raise AttemptFailed("failed", "status 404", status=status)
    await incoming.aclose(drained=True)
    return RejectedAnswer(_source(candidate, first_byte_s), quoted or plain_rejection(), status)


def _failed_by_status(status: int, headers: Mapping[str, str]) -> AttemptFailed:
    outcome: Outcome = "failed"
    if status in (401, 402, 403):
        outcome = "unauthorized"
    elif status == 429:
        outcome = "rate_limited"
    wait_s = retry_after_s(headers) if status in (429, 503) else None
    return AttemptFailed(outcome, f"status {status}", status=status, retry_after_s=wait_s)


async def _whole(incoming: Incoming, call: Call, source: Source, max_body_bytes: int) -> PlainAnswer:
    if _content_type(incoming) == EVENT_STREAM:
        raise AttemptFailed("invalid", "a stream where none was asked for")
    body = await _read(incoming, max_body_bytes)
    if body is None:
        raise AttemptFailed("invalid", "the answer is too long")
    payload = read_object(body)
    if payload is None:
        raise AttemptFailed("invalid", "the answer is not a JSON object")
    if not isinstance(payload.get(_RESULT[call.endpoint]), list):
        if payload.get("error"):
            raise AttemptFailed("failed", "an error in place of an answer")
        raise AttemptFailed("invalid", "the answer holds no result")
    await incoming.aclose(drained=True)
    if call.endpoint == "/embeddings":
        body = in_asked_encoding(call.checked.fields, payload, body)
    return PlainAnswer(source, body, payload, usage_in(payload), incoming.status)


async def _begun(incoming: Incoming, call: Call, candidate: Candidate, clock: Callable[[], float]) -> StreamAnswer:
    """Wait for the first event. An error that comes with nothing before it but a role still gives way to the next
    candidate, for the client has not seen anything yet."""
    if _content_type(incoming) != EVENT_STREAM:
        raise AttemptFailed("invalid", "no stream where one was asked for")
    inspector = StreamInspector(choices=call.checked.choices)
    blocks = []
    while not inspector.started and not inspector.over:
        chunk = await incoming.read()
        blocks.append(inspector.feed(chunk) if chunk else inspector.end())
    if inspector.failure is not None and not inspector.said_something:
        raise AttemptFailed("failed" if inspector.reported_error else "invalid", inspector.failure)
    if not inspector.started:
        raise AttemptFailed("invalid", "the stream is empty")
    incoming.allow(math.inf)
    return StreamAnswer(_source(candidate, clock()), incoming, inspector, b"".join(blocks), incoming.status)


async def _read(incoming: Incoming, max_bytes: int) -> bytes | None:
    """The whole body, or `None` if it is longer."""
    parts = []
    size = 0
    while chunk := await incoming.read():
        size += len(chunk)
        if size > max_bytes:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _content_type(incoming: Incoming) -> str:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower()


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110, 10.2.3). A date is taken against the answer's own `Date`, so
    that no clock of ours is in it; what cannot be read is `None`."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
            seconds = (then - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
