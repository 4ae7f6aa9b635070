"""The reading of an answer whose head says that it is one: whole or streamed, in whichever of the two it comes."""

import asyncio
import math
import weakref
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from functions.farebox.gateway.answers import SMALL_BYTES, Loss, PlainAnswer, RejectedAnswer, StreamAnswer
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.embeddings import in_asked_encoding
from functions.farebox.gateway.faults.attempt_failed import AttemptFailed, failed_inside
from functions.farebox.gateway.faults.meaning import fault_of
from functions.farebox.gateway.faults.quoting import rejected
from functions.farebox.gateway.faults.stream_options import refuses_stream_options
from functions.farebox.gateway.faults.told import error_in, told_in
from functions.farebox.gateway.faults.vendor_bill import usage_beside
from functions.farebox.gateway.json_object import read_json, read_object
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.speech.forms import dialect_of
from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.readers import READERS
from functions.farebox.gateway.stream.conversion import as_completion, as_events
from functions.farebox.gateway.stream.event_buffer import looks_like_events
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.private_fields import without_private_fields
from functions.farebox.gateway.stream.public_name import renamed
from functions.farebox.gateway.transport import Incoming
from functions.farebox.kit.memory_budget import Room
from functions.farebox.request.checked import Endpoint
from functions.farebox.tokens.usage.client_form import is_readable, usage_as_openai
from functions.farebox.tokens.usage.places import (
    answered_model,
    usage_in,
)
from functions.farebox.tokens.usage.told_cost import tells_cost, without_cost
from functions.farebox.tokens.usage.usage import Usage

EVENT_STREAM = "text/event-stream"
INTRODUCTION_S = 1.0  # how long what says only a role waits for a word, or for the error in its place

_RESULT: dict[Endpoint, str] = {"/chat/completions": "choices", "/completions": "choices", "/embeddings": "data"}


class AnswerReading:
    """Reads one answer. What it comes to nothing with, it has a `Loss` of. Raises `AttemptFailed`, and what the
    transport does."""

    __slots__ = (
        "_asked_usage",
        "_call",
        "_candidate",
        "_form",
        "_incoming",
        "_max_body_bytes",
        "_paid",
        "_passes_on",
        "_reader",
        "_room",
    )

    def __init__(
        self,
        incoming: Incoming,
        call: Call,
        candidate: Candidate,
        paid: Loss,
        room: Room,
        max_body_bytes: int,
        *,
        asked_usage: bool,
    ) -> None:
        self._asked_usage = asked_usage
        self._incoming = incoming
        self._call = call
        self._candidate = candidate
        self._paid = paid
        self._room = room
        self._max_body_bytes = max_body_bytes
        self._form = call.form_for(candidate) or call.checked
        self._reader = READERS.get(self._form.endpoint)
        self._passes_on = self._reader is not None and (call.forms is None or self._form is call.forms.own)

    async def whole(self) -> PlainAnswer | RejectedAnswer:
        """A whole answer."""
        kind = _content_type(self._incoming)
        body = await self._body(b"")
        if kind == EVENT_STREAM or looks_like_events(body):
            return await self._whole_of_events(body)
        payload = self._payload_of(kind, body)
        if isinstance(payload, RejectedAnswer):
            return payload
        return await self._answered(body.removeprefix(BOM_UTF8), payload)

    async def stream(self, clock: Callable[[], float]) -> StreamAnswer | RejectedAnswer:
        """A stream whose first event has come. An error that comes with nothing before it but a role still gives way
        to the next candidate, for the client has not seen anything yet."""
        kind, first = _content_type(self._incoming), b""
        if kind != EVENT_STREAM:
            first = await self._incoming.read()
            if not looks_like_events(first):
                return await self._events_of_whole(kind, first, clock)
        inspector = self._inspector()
        blocks = await self._first_blocks(inspector, first)
        if inspector.failure is not None and not inspector.said_something:
            return self._failed_stream(inspector, ends_empty=not blocks)
        if not inspector.started:
            raise AttemptFailed("invalid", "the stream is empty", may_be_billed=True)
        return self._begun(inspector, b"".join(blocks), clock)

    async def _first_blocks(self, inspector: StreamInspector, chunk: bytes) -> list[bytes]:
        """Read until an event has come, and a word if it comes soon; what goes to the client of it. Empty where the
        stream ended properly with nothing but comments in it."""
        incoming, paid, first_byte_s = self._incoming, self._paid, self._candidate.upstream.timeouts.first_byte_s
        blocks: list[bytes] = []
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._candidate.upstream.timeouts.answer_s
        while not inspector.started and not inspector.over:
            if inspector.pending_bytes > SMALL_BYTES:
                await self._make_room(inspector.max_pending_bytes, first_byte_s)
            chunk = chunk or await incoming.read()
            paid.read_bytes += len(chunk)
            if not chunk and not inspector.pending_bytes:
                inspector.end()
                return blocks if inspector.started else []
            blocks.append(inspector.feed(chunk) if chunk else inspector.end())
            chunk = b""
            if not inspector.started:  # a comment is a sign of life, and no answer
                incoming.allow(min(first_byte_s, until_s - loop.time()))
        try:
            while inspector.only_introduced and not inspector.over and inspector.pending_bytes <= SMALL_BYTES:
                async with asyncio.timeout(INTRODUCTION_S):
                    chunk = await incoming.read()
                paid.read_bytes += len(chunk)
                blocks.append(inspector.feed(chunk) if chunk else inspector.end())
        except TimeoutError:
            pass  # it takes its time
        return blocks

    def _failed_stream(self, inspector: StreamInspector, *, ends_empty: bool) -> RejectedAnswer:
        """A stream that came to nothing before it said anything."""
        if inspector.reported_error is not None:
            return self._judged(inspector.reported_error, inspector.usage if inspector.usage_is_final else None)
        loss = None if ends_empty else self._paid
        assert inspector.failure is not None
        raise AttemptFailed("invalid", inspector.failure, loss=loss, may_be_billed=True)

    def _begun(self, inspector: StreamInspector, block: bytes, clock: Callable[[], float]) -> StreamAnswer:
        incoming, source = self._incoming, self._paid.source
        incoming.allow(math.inf)
        source.first_byte_s = clock()
        self._note_passing()
        if inspector.pending_bytes <= SMALL_BYTES:
            self._room.keep(len(block))
        return StreamAnswer(source, incoming, inspector, block, incoming.status, self._room)

    async def _events_of_whole(
        self, kind: str, first: bytes, clock: Callable[[], float]
    ) -> StreamAnswer | RejectedAnswer:
        """The stream that a whole answer comes to, where it came in place of one."""
        body = await self._body(first)
        payload = self._payload_of(kind, body)
        if isinstance(payload, RejectedAnswer):
            return payload
        if self._reader is None:
            events = as_events(payload)
        elif self._passes_on:
            events = self._reader.as_events(payload)
        else:
            events = as_events(self._reader.completion(payload))
        is_passed = self._reader is not None and self._passes_on
        inspector = self._inspector() if is_passed else self._chat_inspector()
        return self._begun(inspector, inspector.feed(events), clock)

    async def _whole_of_events(self, body: bytes) -> PlainAnswer | RejectedAnswer:
        """The whole answer that a stream comes to, where it came in place of one."""
        inspector = self._inspector()
        events = inspector.feed(body) + inspector.end()
        if inspector.failure is not None and not inspector.said_something:
            return self._failed_stream(inspector, ends_empty=not body.strip())
        self._paid.usage = inspector.usage if inspector.usage_is_final else None
        if not inspector.complete:
            raise AttemptFailed("invalid", "the answer is not whole", loss=self._paid)
        if self._reader is not None and self._passes_on:
            payload = self._reader.as_whole(body)
            return await self._answered(orjson.dumps(payload), payload, inspector)
        payload = as_completion(events, inspector.told_report if inspector.usage_is_final else None)
        payload["model"] = inspector.answered_model
        await self._incoming.aclose(drained=True)
        return self._answer(orjson.dumps(payload), payload, inspector)

    async def _answered(
        self, body: bytes, payload: dict[str, Any], inspector: StreamInspector | None = None
    ) -> PlainAnswer:
        """An answer with what was asked for. One in another dialect is passed on as it came where it was asked for in
        it; else the client is given the completion that it means."""
        await self._incoming.aclose(drained=True)
        if self._reader is not None:
            payload = self._reader.completion(payload)
            if not self._passes_on:
                body = _with_readable_usage(payload, usage_in(payload))
        elif self._form.endpoint == "/embeddings":
            body = in_asked_encoding(self._form.fields, payload, body)
        return self._answer(body, payload, inspector)

    def _answer(self, body: bytes, payload: dict[str, Any], inspector: StreamInspector | None) -> PlainAnswer:
        """Its body has the public name of the model, a report that its client can read, if any, and says nothing of
        what the operator pays, or what a proxy keeps for itself. What a stream in its place reported is read by that
        stream's `inspector` alone."""
        if self._reader is None and not is_readable(payload.get("usage")):
            body = _with_readable_usage(read_object(body) or {}, usage_in(payload))
        if tells_cost(payload):
            body = orjson.dumps(without_cost(read_object(body) or {}))
        body = without_private_fields(body)
        told = "" if payload.get("model") == "" else answered_model(payload)
        if told is not None and told != self._candidate.public:
            body = renamed(body, told, self._candidate.public)
        self._note_passing()
        answer = PlainAnswer(self._paid.source, body, payload, usage_in(payload), self._incoming.status)
        if inspector is not None:
            answer.usage, answer.usage_is_final = inspector.usage, inspector.usage_is_final
            answer.inspector = inspector
        if self._room.held_bytes:
            self._room.keep(max(len(body), self._paid.read_bytes))
            weakref.finalize(answer, self._room.leave)  # when it is sent and gone
        return answer

    def _note_passing(self) -> None:
        if self._passes_on or self._form.endpoint == "/completions":
            self._paid.source.passed_on = dialect_of(self._form.endpoint)

    def _payload_of(self, kind: str, body: bytes) -> dict[str, Any] | RejectedAnswer:
        """A whole answer, parsed; or the refusal that it is."""
        payload = read_json(body)
        if error_in(payload) is not None:
            return self._judged(payload, usage_beside(payload, self._call.endpoint))
        if not isinstance(payload, dict):
            loss = self._loss(kind, body)
            raise AttemptFailed("invalid", "the answer is not a JSON object", loss=loss, may_be_billed=True)
        if not isinstance(payload.get(self._result), list):
            raise AttemptFailed(
                "invalid", "the answer holds no result", loss=self._loss_of(payload), may_be_billed=True
            )
        if self._reader is not None and self._reader.is_unfinished(payload):
            raise AttemptFailed(
                "invalid", "the answer says that it is not done", loss=self._loss_of(payload), may_be_billed=True
            )
        return payload

    def _judged(self, error: object, usage: Usage | None) -> RejectedAnswer:
        """An error in place of an answer; `usage` is what was told beside it, of which a zero says nothing."""
        if usage is not None and not usage.total_tokens:
            usage = None
        told = told_in(error)
        fault = fault_of(0, told)
        is_ours = self._asked_usage and refuses_stream_options(told, self._call)
        if not fault.is_callers and not is_ours:
            raise failed_inside(fault, error, usage)
        answer = rejected(self._paid.source, fault, self._candidate, self._call.model, of_stream_options=is_ours)
        answer.may_be_billed = usage is not None or (isinstance(error, dict) and bool(error.get(self._result)))
        answer.usage = usage
        return answer

    @property
    def _result(self) -> str:
        """The list that every answer has."""
        return _RESULT[self._form.endpoint] if self._reader is None else self._reader.result

    def _inspector(self) -> StreamInspector:
        if self._reader is not None:
            return SpokenInspector(self._reader, passes_on=self._passes_on, model=self._candidate.public)
        return self._chat_inspector()

    def _chat_inspector(self) -> StreamInspector:
        return StreamInspector(choices=self._form.choices, model=self._candidate.public)

    async def _body(self, first: bytes) -> bytes:
        """The body, whole; `first` has been read."""
        incoming, paid, most = self._incoming, self._paid, self._max_body_bytes
        answer_s = self._candidate.upstream.timeouts.answer_s
        if not incoming.is_whole:
            incoming.allow(answer_s)
        told = _content_length(incoming)
        parts = []
        while chunk := first or await incoming.read():
            first = b""
            paid.read_bytes += len(chunk)
            if max(paid.read_bytes, told) > most:
                raise AttemptFailed("invalid", "the answer is too long", loss=paid)
            parts.append(chunk)
            if paid.read_bytes > SMALL_BYTES:
                await self._make_room(told or most, answer_s)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _make_room(self, size: int, then_s: float) -> None:
        """Wait for memory, as long as it takes; what comes then has so many seconds."""
        if not self._room.held_bytes:
            self._incoming.allow(math.inf)
            await self._room.take(size)
            self._incoming.allow(then_s)

    def _loss(self, kind: str, body: bytes) -> Loss | None:
        """What is lost with a body that is no JSON object."""
        text = body.lstrip()
        is_empty = text.rstrip() in (b"", b"null")
        if is_empty or kind == "text/html" or text.startswith(b"<") or read_json(text) is not None:
            return None  # no model wrote that
        return self._paid

    def _loss_of(self, payload: Mapping[str, object]) -> Loss | None:
        """What is lost with an object that is no answer."""
        usage = self._paid.usage = usage_beside(payload, self._call.endpoint)
        is_paid = bool(payload.get(self._result)) or usage is not None
        return self._paid if is_paid else None


def _with_readable_usage(payload: Mapping[str, Any], usage: Usage | None) -> bytes:
    """An answer of OpenAI's dialects with what it reports in their form; without a report where it tells
    nothing, or not what was read."""
    told = {} if usage is None or not usage.prompt_is_told else {"usage": usage_as_openai(usage)}
    return orjson.dumps({name: value for name, value in payload.items() if name != "usage"} | told)


def _content_length(incoming: Incoming) -> int:
    """How many bytes the body is told to have; 0 where that is not told."""
    told = incoming.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 16 and "content-encoding" not in incoming.headers else 0


def _content_type(incoming: Incoming) -> str:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
