"""One attempt: sends a call to one candidate and decides whether it has answered, before a byte reaches the client.

Where it has not, what it has cost decides whether the next candidate may be asked, for nothing is paid for twice:

| the attempt ended with | it cost | the next is asked |
| --- | --- | --- |
| no connection, or none that still stood | nothing | yes |
| silence or a break before the head of an answer | nothing that is known of (*) | yes |
| a status other than 2xx | nothing that is known of (*) | yes, unless the request is at fault |
| an error in place of an answer, a page of HTML, an empty body or stream | nothing that is known of (*) | yes |
| JSON to its end that holds no result and reports no tokens | nothing that is known of (*) | yes |
| silence, a break, more than is taken, half an answer, one of another kind | perhaps all: a `Loss` | no |

(*) Its vendor may charge for it all the same, as `faults/vendor_bill.py` says: it is told in the attempt, and booked
as a loss.
"""

import math
import weakref
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

import orjson

from functions.farebox.gateway.answers import (
    SMALL_BYTES,
    Answer,
    Loss,
    PlainAnswer,
    RejectedAnswer,
    Source,
    StreamAnswer,
)
from functions.farebox.gateway.call import Call, outgoing
from functions.farebox.gateway.embeddings import in_asked_encoding
from functions.farebox.gateway.faults.vendor_bill import may_bill_error, may_bill_status
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.rejection import plain_rejection, rejection
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.trail import Outcome
from functions.farebox.gateway.transport import ConnectFailed, ConnectionLost, Incoming, TimedOut, Transport
from functions.farebox.kit.memory_budget import MemoryQueue, Room
from functions.farebox.request.checked import Endpoint
from functions.farebox.tokens.usage.places import completion_usage, embedding_usage, read_report, usage_in

MAX_ERROR_BYTES = 64 * 1024
EVENT_STREAM = "text/event-stream"
REQUEST_FAULTS = frozenset({400, 404, 413, 422})  # nobody else would take the request either

_RESULT: dict[Endpoint, str] = {"/chat/completions": "choices", "/completions": "choices", "/embeddings": "data"}


class AttemptFailed(Exception):
    """The attempt gave no answer; the next candidate may, unless there is a `loss`.

    `is_illness`: the upstream should cool down. An answer that is too long or not what was asked for may be this one
    request's doing, and must not take the upstream from others. `may_be_billed`: nothing is known of what it cost, and
    it may have cost something; a `loss` says what is known.
    """

    def __init__(
        self,
        outcome: Outcome,
        error: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        was_stale: bool = False,
        loss: Loss | None = None,
        may_be_billed: bool = False,
    ) -> None:
        super().__init__(error)
        if loss is not None:
            loss.why, loss.would_recur = error, outcome == "invalid"
        self.loss = loss
        self.may_be_billed = may_be_billed and loss is None
        self.outcome = outcome
        self.error = error
        self.status = status
        self.retry_after_s = retry_after_s
        self.was_stale = was_stale
        self.is_illness = outcome != "invalid" and not was_stale


async def attempt(
    call: Call,
    candidate: Candidate,
    transport: Transport,
    *,
    clock: Callable[[], float],
    max_body_bytes: int,
    memory: MemoryQueue,
) -> Answer:
    """Send a call to a candidate and judge what comes back. Raises `AttemptFailed`; closes what it does not hand over.

    The answer's source does not know yet which attempts were made.
    """
    paid: Loss | None = None
    is_refused = False
    try:
        request = outgoing(call, candidate)
        call.progress.begin(candidate, request)
        incoming = await transport.send(request)
        room = Room(memory)
        try:
            if not 200 <= incoming.status < 300:
                is_refused = True
                return await _rejected(incoming, candidate, clock())
            paid = Loss(_source(candidate, clock()))
            reading = _Reading(incoming, call, candidate, paid, room, max_body_bytes)
            if call.stream:
                return await reading.stream(clock)
            return await reading.whole()
        except AttemptFailed as failure:
            room.leave()
            await incoming.aclose(drained=failure.status is not None)
            raise
        except BaseException:
            room.leave()
            await incoming.aclose()
            raise
    except TimedOut as error:
        may_be_billed = error.was_written and not is_refused
        raise AttemptFailed("timeout", "no answer in time", loss=paid, may_be_billed=may_be_billed) from error
    except ConnectFailed as error:
        raise AttemptFailed("unreachable", str(error)) from error
    except ConnectionLost as error:
        stale = error.was_stale
        may_be_billed = error.was_written and not stale and not is_refused
        raise AttemptFailed(
            "connection_lost", str(error), was_stale=stale, loss=paid, may_be_billed=may_be_billed
        ) from error


def _source(candidate: Candidate, first_byte_s: float) -> Source:
    return Source(candidate.upstream.id, candidate.model, (), first_byte_s, candidate.price)


async def _rejected(incoming: Incoming, candidate: Candidate, first_byte_s: float) -> RejectedAnswer:
    """The upstream's refusal of the request, or `AttemptFailed` where its status means something else.

    A 404 that is not in OpenAI's shape comes from a wrong base address, so it is not the request's fault.
    """
    status = incoming.status
    if status not in REQUEST_FAULTS:
        raise _failed_by_status(status, incoming.headers)
    body = await _read_error(incoming)
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
    return AttemptFailed(
        outcome, f"status {status}", status=status, retry_after_s=wait_s, may_be_billed=may_bill_status(status)
    )


class _Reading:
    """The reading of an answer whose head says that it is one. What it comes to nothing with, it has a `Loss` of."""

    __slots__ = ("_call", "_candidate", "_incoming", "_max_body_bytes", "_paid", "_room")

    def __init__(
        self, incoming: Incoming, call: Call, candidate: Candidate, paid: Loss, room: Room, max_body_bytes: int
    ) -> None:
        self._incoming = incoming
        self._call = call
        self._candidate = candidate
        self._paid = paid
        self._room = room
        self._max_body_bytes = max_body_bytes

    async def whole(self) -> PlainAnswer:
        """A whole answer."""
        incoming, paid = self._incoming, self._paid
        kind = _content_type(incoming)
        if kind == EVENT_STREAM:
            raise AttemptFailed("invalid", "a stream where none was asked for", loss=paid)
        body = await self._body()
        payload = read_object(body)
        if payload is None:
            loss = self._loss(kind, body)
            raise AttemptFailed("invalid", "the answer is not a JSON object", loss=loss, may_be_billed=True)
        if not isinstance(payload.get(_RESULT[self._call.endpoint]), list):
            if payload.get("error"):
                raise _error_inside(payload)
            loss = self._loss_of(payload)
            raise AttemptFailed("invalid", "the answer holds no result", loss=loss, may_be_billed=True)
        await incoming.aclose(drained=True)
        if self._call.endpoint == "/embeddings":
            body = in_asked_encoding(self._call.checked.fields, payload, body)
        answer = PlainAnswer(paid.source, body, payload, usage_in(payload), incoming.status)
        if self._room.held_bytes:
            weakref.finalize(answer, self._room.leave)  # when it is sent and gone
        return answer

    async def stream(self, clock: Callable[[], float]) -> StreamAnswer:
        """A stream whose first event has come. An error that comes with nothing before it but a role still gives way
        to the next candidate, for the client has not seen anything yet."""
        incoming, paid = self._incoming, self._paid
        kind = _content_type(incoming)
        if kind != EVENT_STREAM:
            raise await self._no_stream(kind)
        inspector = StreamInspector(choices=self._call.checked.choices)
        blocks = []
        ends_empty = False  # properly, with nothing but comments in it
        while not inspector.started and not inspector.over:
            if inspector.pending_bytes > SMALL_BYTES:
                await self._make_room(inspector.max_pending_bytes, self._candidate.upstream.timeouts.first_byte_s)
            chunk = await incoming.read()
            paid.read_bytes += len(chunk)
            ends_empty = not chunk and not inspector.pending_bytes
            blocks.append(inspector.feed(chunk) if chunk else inspector.end())
        if inspector.failure is not None and not inspector.said_something:
            if inspector.reported_error is not None:
                raise _error_inside(inspector.reported_error)
            loss = None if ends_empty else paid
            raise AttemptFailed("invalid", inspector.failure, loss=loss, may_be_billed=True)
        if not inspector.started:
            raise AttemptFailed("invalid", "the stream is empty", may_be_billed=True)
        incoming.allow(math.inf)
        paid.source.first_byte_s = clock()
        return StreamAnswer(paid.source, incoming, inspector, b"".join(blocks), incoming.status, self._room)

    async def _no_stream(self, kind: str) -> AttemptFailed:
        """What came in place of a stream: an error, or an answer that is paid for all the same."""
        body = await self._body()
        payload = read_object(body)
        if payload is not None and payload.get("error"):
            return _error_inside(payload)
        loss = self._loss(kind, body) if payload is None else self._loss_of(payload)
        return AttemptFailed("invalid", "no stream where one was asked for", loss=loss, may_be_billed=True)

    async def _body(self) -> bytes:
        """The body, whole."""
        incoming, paid, most = self._incoming, self._paid, self._max_body_bytes
        answer_s = self._candidate.upstream.timeouts.answer_s
        if not incoming.is_whole:
            incoming.allow(answer_s)
        told = _content_length(incoming)
        parts = []
        while chunk := await incoming.read():
            paid.read_bytes += len(chunk)
            if max(paid.read_bytes, told) > most:
                raise AttemptFailed("invalid", "the answer is too long", loss=paid)
            parts.append(chunk)
            if paid.read_bytes > SMALL_BYTES:
                await self._make_room(told or most, answer_s)
        return b"".join(parts)

    async def _make_room(self, size: int, then_s: float) -> None:
        """Wait for memory, as long as it takes; what comes then has so many seconds."""
        if not self._room.held_bytes:
            self._incoming.allow(math.inf)
            await self._room.take(size)
            self._incoming.allow(then_s)

    def _loss(self, kind: str, body: bytes) -> Loss | None:
        """What is lost with a body that is no JSON object."""
        text = body.lstrip()
        if not text or kind == "text/html" or text.startswith(b"<") or _is_json(text):
            return None  # no model wrote that
        return self._paid

    def _loss_of(self, payload: Mapping[str, object]) -> Loss | None:
        """What is lost with an object that is no answer."""
        report = read_report(payload)
        if report is not None:
            read = embedding_usage if self._call.endpoint == "/embeddings" else completion_usage
            self._paid.usage = read(report)
        usage = self._paid.usage
        is_paid = bool(payload.get(_RESULT[self._call.endpoint])) or (usage is not None and usage.total_tokens > 0)
        return self._paid if is_paid else None


def _error_inside(payload: Mapping[str, object]) -> AttemptFailed:
    """An error where an answer should be."""
    return AttemptFailed("failed", "an error in place of an answer", may_be_billed=may_bill_error(payload))


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


async def _read_error(incoming: Incoming) -> bytes | None:
    """The whole body of a refusal, or `None` if it is longer than one is."""
    parts = []
    size = 0
    while chunk := await incoming.read():
        size += len(chunk)
        if size > MAX_ERROR_BYTES:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _content_length(incoming: Incoming) -> int:
    """How many bytes the body is told to have; 0 where that is not told."""
    told = incoming.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 16 and "content-encoding" not in incoming.headers else 0


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
