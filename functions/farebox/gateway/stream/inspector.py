"""The stream inspector: forwards an upstream's events untouched and looks inside only as far as it must.

Bytes in, bytes out, no input or output of its own. A block of whole events in which none of the markers occurs is
forwarded after a bytes search, without parsing any JSON, and events that are alike but for their text (`alike.py`)
without any search once the first of them was. What is looked at:

- a chunk that only reports usage is withheld, for the caller to build the client's own from, or none;
- usage on a chunk that says something else as well is taken out: a client that asked for it has one usage chunk, last;
- `[DONE]` is withheld, so that the books can be settled before the stream ends;
- an error ends the stream as broken, in whichever shape (`faults/told.py`): in an event of its own, with that name or
  without, or in a choice; so does an end before every choice has finished;
- what is no line of an event is taken out, be it an error (which ends the stream) or what else was written there, and
  an event whose data is no object;
- the name of the model becomes the public one, where the upstream has another;
- what a proxy keeps for itself is taken out (`private_fields`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import orjson

from functions.farebox.gateway.json_object import UNWRITABLE, read_json, read_object
from functions.farebox.gateway.stream.alike import Alike
from functions.farebox.gateway.stream.error_events import CHOICES, error_in_event, events_alone, last_error
from functions.farebox.gateway.stream.event_buffer import (
    MAX_EVENT_BYTES,
    EventBuffer,
    EventTooLarge,
    data_of,
    event_at,
    with_data,
)
from functions.farebox.gateway.stream.private_fields import events_without_private_fields
from functions.farebox.gateway.stream.public_name import PublicName
from functions.farebox.gateway.stream.transcript import Transcript, choices_of
from functions.farebox.tokens.media import Generated
from functions.farebox.tokens.usage.client_form import as_client_reads
from functions.farebox.tokens.usage.places import (
    answered_model,
    completion_usage,
    has_report,
    plain_report,
    read_report,
    served_tier,
    without_reports,
)
from functions.farebox.tokens.usage.report import Report, merge
from functions.farebox.tokens.usage.shapes import read_shape
from functions.farebox.tokens.usage.told_cost import told_cost, usage_without_cost
from functions.farebox.tokens.usage.usage import Calls, Usage

AROUND = 16  # an event has at least so many times the bytes of its text, where that is a token or two
AROUND_BYTES = 600  # that an event has around its text, however long that is
MAX_STREAM_BYTES = 256 * 1024 * 1024
MAX_AFTERWORD_BYTES = 64 * 1024  # of more than that after a report some was said, without a look

_DONE = b"[DONE]"
_ERROR = b"error"  # in most streams nowhere; where it is, `_ERRORS` says whether that may concern us
_ERRORS = re.compile(rb'"error"|"errors"\s*:|"[a-z_]+_error"|(?:^|[\r\n])event:\s*error', re.IGNORECASE)
# A chunk of an answer, by its ends and by what each has: an error without a frame around it has no choices. What passes
# without a look is events of one line, each of which is one, or `[DONE]`, which has a marker of its own.
_CHUNK = rb'data: ?(?:\[DONE\]|\{(?>[^\r\n]*"choices":)[^\r\n]*+(?<=\}))'
_EVENTS = re.compile(rb"(?:" + _CHUNK.replace(rb"\r\n", rb"\n") + rb"\n\n)*+")  # without any CR, in a third of the time
_EVENTS_IN_CRLF = re.compile(rb"(?:" + _CHUNK + rb"\r\n\r\n)*+")
_NO_CHUNK = re.compile(rb"(?:^|[\r\n])(?!" + _CHUNK + rb"(?:[\r\n]|$))data:")
_VERDICT = b'"base_resp"'  # MiniMax's, which says 0 where all is well
_VERDICTS = re.compile(rb'"base_resp"\s*:\s*\{[^{}]*"status_code"\s*:\s*[1-9]')
_USAGE = re.compile(rb'"usage(?:Metadata|_metadata)?"\s*:\s*[^\sn]')  # but null
_METRICS = (b'"amazon-bedrock-invocationMetrics"', b'eval_count"')  # where Bedrock and Ollama have theirs
_SOURCES = ("citations", "search_results", "related_questions", "images", "videos")  # what a search found
_ENVELOPE = ("id", "object", "created", "model", "service_tier", "system_fingerprint")


class StreamInspector:
    """One stream. `feed` it chunks and forward what comes back; `end` it when the upstream does.

    `choices`: how many the client asked for. `model`: by which name; `None` leaves the upstream's.
    """

    def __init__(
        self,
        *,
        choices: int = 1,
        model: str | None = None,
        max_bytes: int = MAX_STREAM_BYTES,
        max_event_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        self.started = False  # an event that is a chunk has been seen
        self.only_introduced = False  # and nothing that says more than a role has come yet
        self.done = False  # `[DONE]` has been seen
        self.complete = False  # the answer is whole, by `[DONE]` or by every finish reason
        self.failure: str | None = None  # why the stream is broken, in words for the operator
        self.reported_error: Mapping[str, Any] | None = None  # the event in which the upstream itself said so
        self.report_is_current = False  # nothing was forwarded since the upstream reported a larger completion
        self.envelope: Mapping[str, Any] = {}  # what a chunk of this stream holds beside its choices and its usage
        self.served_tier: str | None = None  # that the first chunk names, or one that reports usage
        self.answered_model: str | None = None  # likewise
        self.withheld: bytes | None = None  # the events that end a stream of another dialect, where it is passed on
        self.told_cost = 0  # nano-USD, the most that the upstream says that it cost
        self._since: list[bytes] | None = None  # what was forwarded since the last report that tells of a completion
        self._since_bytes = 0
        self._plain: Usage | None = None  # all that the upstream reported, as long as that is one plain report
        self._report: Report | None = None  # the same, once there is more to it
        self._last_report: dict[str, Any] | None = None  # the last that tells of a completion, as the upstream wrote it
        self._choices = choices
        self._naming = PublicName(model)
        self._is_unnamed = False  # its first chunk named no model, as Azure's, and none that does has come since
        self._max_bytes = self._bytes_left = max_bytes
        self._events = EventBuffer(max_event_bytes)
        self._alike = Alike()
        self._transcript = Transcript()
        self._introduced: set[int] = set()  # the choices whose role has been seen

    @property
    def pending_bytes(self) -> int:
        """How much has come of an event that is not whole yet."""
        return self._events.pending_bytes

    @property
    def max_pending_bytes(self) -> int:
        """How much may."""
        return self._events.max_event_bytes

    @property
    def size(self) -> int:
        """About how many bytes of text have come at most: of what comes in small events, most is around it."""
        came, transcript = self._max_bytes - self._bytes_left, self._transcript
        rough = came // AROUND
        if came <= AROUND_BYTES * transcript.blocks:
            return rough
        return max(rough, came - AROUND_BYTES * transcript.count_events())

    @property
    def said_something(self) -> bool:
        """Whether something was forwarded that a model said. Parses now; not for the hot path."""
        return self._transcript.said_something

    @property
    def thought_something(self) -> bool:
        """Whether something of it was a thought. Parses now."""
        return self._transcript.thought_something

    @property
    def usage(self) -> Usage | None:
        """What the upstream has reported so far comes to."""
        return completion_usage(self._report) if self._report is not None else self._plain

    def take_usage(self, usage: Usage) -> None:
        """Take what was reported from who kept it, of a stream that was kept as its client saw it."""
        self._last_report, self._plain, self._report = self.told_report, usage, None

    @property
    def usage_report(self) -> dict[str, Any] | None:
        """The same for a client: as the upstream wrote it, where one of its reports says all of it in OpenAI's form;
        but for what it says of its cost."""
        return None if (report := self.told_report) is None else usage_without_cost(report)

    @property
    def told_report(self) -> dict[str, Any] | None:
        """The same with its cost."""
        if self._plain is not None:
            return self._last_report
        usage = self.usage
        return None if usage is None or not usage.prompt_is_told else as_client_reads(usage, self._last_report)

    @property
    def usage_is_final(self) -> bool:
        """Whether what was reported says all: the stream is complete, and nothing was said since the last report, or
        nothing was forwarded since. Parses what was."""
        return self.report_is_current or (self.complete and not self._has_said_since)

    @property
    def said_since(self) -> Transcript | None:
        """What was forwarded since the last report that tells of a completion; `None` where there was none, or that is
        much. Parses now."""
        if self._since is None or self._since_bytes > MAX_AFTERWORD_BYTES:
            return None
        return self._transcript.followed_by(self._since)

    @property
    def over(self) -> bool:
        """Nothing more will be forwarded."""
        return self.complete or self.failure is not None

    @property
    def outcome(self) -> Literal["complete", "broken", "cut"]:
        """How the stream ended: whole, `broken` by the upstream, or `cut` by us; `cut` as long as it has not ended."""
        if self.complete:
            return "complete"
        return "cut" if self.failure is None else "broken"

    def feed(self, chunk: bytes) -> bytes:
        """Take what the upstream sent; answers what goes to the client now: whole events, perhaps none."""
        if self.complete or self.failure is not None:
            return b""
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            self.failure = "the stream is too long"
            return b""
        try:
            block = self._events.feed(chunk)
        except EventTooLarge:
            self.failure = "an event is too large"
            return b""
        return self._read(block)

    def end(self, failure: str = "the stream ended before its answer did") -> bytes:
        """The upstream ended, or broke off for the reason given. Answers what still goes to the client.

        The answer is whole nevertheless if every choice had its finish reason: some upstreams send no `[DONE]`.
        """
        if self.over:
            return b""
        rest = self._events.flush().rstrip(b"\r\n")
        block = self._read(rest + b"\n\n") if _is_whole(rest) else b""
        if not self.over:
            if self._transcript.finished(self._choices):
                self.complete = True
            else:
                self.failure = failure
        return block

    def texts(self) -> list[str]:
        """The texts that were forwarded, each to be counted by itself. Parses now; not for the hot path."""
        return self._transcript.texts()

    def media_tokens(self) -> int:
        """The most tokens of what was forwarded and is no text."""
        return self._transcript.media_tokens()

    def generated(self) -> Generated:
        """What is no text, by what it is."""
        return self._transcript.generated()

    @property
    def cites(self) -> bool:
        """Whether it names where it was found in the web."""
        return self._transcript.cites

    @property
    def listed_calls(self) -> tuple[int, Calls]:
        """The searches and the calls of other tools of its vendor's that it lists."""
        return self._transcript.listed_calls(self.answered_model)

    def uncounted_bytes(self) -> int:
        """The bytes of text beyond those texts, each to be taken for a token."""
        return self._transcript.uncounted_bytes()

    def _read(self, block: bytes) -> bytes:
        try:
            return self._take(block)
        except UNWRITABLE:
            self.failure = "an event is nested too deeply"
            return b""

    def _take(self, block: bytes) -> bytes:
        """Take whole events; answers what of them goes to the client."""
        if self._alike.holds(block):  # which is learned when a stream's first events are over
            return self._pass(block)
        return self._look_at(events_without_private_fields(block))

    def _pass(self, block: bytes) -> bytes:
        """Pass events that do not concern us."""
        self.report_is_current = False
        self._note(block)
        return self._forward(block)

    def _look_at(self, block: bytes) -> bytes:
        """The same of events that nothing private is in, and of which nothing is known."""
        if not self.started or self._is_beginning or _may_concern_us(block):
            return self._forward(self._inspect(block))
        if not block:
            return b""
        self._alike.learn(block)
        return self._pass(block)

    def _note(self, block: bytes) -> None:
        """Keep what no report has counted so far, up to what was said for sure."""
        if self._since is not None and block and self._since_bytes <= MAX_AFTERWORD_BYTES:
            self._since.append(block)
            self._since_bytes += len(block)

    @property
    def _has_said_since(self) -> bool:
        """Whether something was said after the last report, which cannot have counted it."""
        if not self._since:
            return False
        since = self.said_since
        return since is None or since.said_something

    def _forward(self, block: bytes) -> bytes:
        if block:
            block = self._naming.applied_to(block)
            self._transcript.add(block)
        return block

    @property
    def _is_beginning(self) -> bool:
        """Whether the next event is to be looked at for what only a stream's first ones say."""
        return self.only_introduced or self._is_unnamed

    def _inspect(self, block: bytes) -> bytes:
        """Judge the events that need it, and leave out what is none."""
        are_plain, error = _are_plain(block), None
        if not are_plain:
            block, error = events_alone(block)
        block = self._judged(block, are_plain=are_plain)
        if error is not None and not self.over:
            self._fail(error)
        return block

    def _judged(self, block: bytes, *, are_plain: bool) -> bytes:
        """Judge the first chunk, and then the events with a marker in them."""
        forwarded = []
        start = 0
        while start < len(block) and (not self.started or self._is_beginning) and not self.over:
            _, end = event_at(block, start, start)
            event = block[start:end]
            if self.started and CHOICES in event:  # an error in it has a mark, and all else is an answer's
                self.only_introduced = False
                if not self._is_unnamed:
                    break
            forwarded.append(self._judge(event, b""))
            start = end
        for position in _markers(block, are_plain=are_plain):
            if self.over:
                return b"".join(forwarded)
            if position >= start:
                begin, end = event_at(block, position, start)
                self.report_is_current = self.report_is_current and begin == start
                before = block[start:begin]
                self._note(before)
                forwarded += [before, self._judge(block[begin:end], before or b"".join(forwarded[-1:]))]
                start = end
        if not self.over:
            self.report_is_current = self.report_is_current and start == len(block)
            self._note(block[start:])
            forwarded.append(block[start:])
        return b"".join(forwarded)

    def _judge(self, event: bytes, before: bytes) -> bytes:
        """The event, or what is left of it for the client. `before` is what came before it and is forwarded."""
        data = data_of(event)
        if not data:
            return event
        if data == b"[DONE]":
            return self._finish(before)
        value = read_json(data)
        chunk = value if isinstance(value, dict) else None
        error = error_in_event(event, data, value)
        if error is not None:
            return self._fail(error)
        if chunk is None:
            if self.started:
                return b""  # no client can read it, and what it says may be the operator's
            self.failure = "the first event is not a chunk"
            return b""
        choices = list(choices_of(chunk))
        if not self.started:
            self.started = True
            self.envelope = self._naming.applied_in({name: chunk[name] for name in _ENVELOPE if name in chunk})
            self._take_names(chunk, event)
            self._is_unnamed = not chunk.get("model")
            self.only_introduced = not any(_says_something(choice) for _, choice in choices)
        elif self._is_unnamed and chunk.get("model"):
            self._is_unnamed = False
            self._take_names(chunk, event)
        introduced = {index for index, choice in choices if _delta(choice).get("role")}
        is_new = not introduced <= self._introduced
        self._introduced |= introduced
        if not has_report(chunk):
            self.report_is_current = False
            self._note(event)
            return event
        self._take_report(chunk)
        self._take_names(chunk, event)
        left = without_reports(chunk)
        says_something = is_new or any(_says_something(choice) for _, choice in choices_of(left))
        if says_something or any(left.get(name) for name in _SOURCES):
            return with_data(event, orjson.dumps(self._naming.applied_in(left)))
        self.envelope = self._naming.applied_in(left)
        return b""

    def _finish(self, before: bytes) -> bytes:
        self.done = True
        error = last_error(before or self._transcript.last_block)
        if error is not None:
            return self._fail(error)
        self.complete = True
        return b""

    def _fail(self, error: Mapping[str, Any]) -> bytes:
        self.reported_error = error
        self.failure = "an error in place of an answer"
        if has_report(error):  # it is billed by that all the same
            self._take_report(error)
            self._take_names(error, b"")
        return b""

    def _take_names(self, chunk: Mapping[str, Any], event: bytes) -> None:
        self.served_tier = served_tier(chunk) or self.served_tier
        self.answered_model = answered_model(chunk) or self.answered_model
        self._naming.see(chunk["model"] if chunk.get("model") == "" else self.answered_model, event)

    def _take_report(self, chunk: Mapping[str, Any]) -> None:
        report = chunk.get("usage")
        self.told_cost = max(self.told_cost, told_cost(chunk))
        if self._last_report is None and self._report is None and (plain := plain_report(chunk)) is not None:
            self._plain, self._last_report = plain, report
            self.report_is_current = plain.completion_tokens > 0
            self._since, self._since_bytes = [], 0
            return
        if self._plain is not None:
            self._plain, self._report = None, read_shape(self._last_report)
        before = 0 if self._report is None else self._report.generated or 0
        told = read_report(chunk)
        if told is not None and (told.generated is not None or told.total is not None):
            self._since, self._since_bytes = [], 0
        self._report = merge(self._report, told)
        self.report_is_current = self._report is not None and (self._report.generated or 0) > before
        if isinstance(report, dict) and (report.get("completion_tokens") or self._last_report is None):
            self._last_report = report


def _may_concern_us(block: bytes) -> bool:
    """A search for the markers. `"usage": null` in every chunk is OpenAI's habit and no reason to parse; inside a
    JSON string the quotes of a marker would be escaped, so content seldom looks like one."""
    if _DONE in block or _USAGE.search(block) is not None or (_ERROR in block and _ERRORS.search(block)):
        return True
    if not _are_plain(block):
        return True
    if _VERDICT in block and _VERDICTS.search(block):
        return True
    return _METRICS[0] in block or _METRICS[1] in block


def _are_plain(block: bytes) -> bool:
    """Whether a block has nothing but events of one line, each of which is a chunk or `[DONE]`."""
    return (_EVENTS_IN_CRLF if b"\r" in block else _EVENTS).fullmatch(block) is not None


def _markers(block: bytes, *, are_plain: bool) -> list[int]:
    """Where the markers are, in order; `are_plain`: see `_are_plain`."""
    found = [*_places(block, _DONE)]
    if _ERROR in block:
        found += [match.end() - 1 for match in _ERRORS.finditer(block)]
    if not are_plain:
        found += [match.end() - 1 for match in _NO_CHUNK.finditer(block)]
    if _VERDICT in block:
        found += [match.start() for match in _VERDICTS.finditer(block)]
    found += [match.start() for match in _USAGE.finditer(block)]
    for marker in _METRICS:
        found += _places(block, marker)
    return sorted(found)


def _places(block: bytes, text: bytes) -> Iterator[int]:
    place = block.find(text)
    while place >= 0:
        yield place
        place = block.find(text, place + len(text))


def _is_whole(rest: bytes) -> bool:
    """Whether a stream's last event is only missing its empty line."""
    data = data_of(rest)
    return data is not None and (data == b"[DONE]" or read_object(data) is not None)


def _says_something(choice: Mapping[str, Any]) -> bool:
    """Whether a choice has a finish reason or content.

    OpenAI's usage chunk has no choices; LiteLLM's has one with an empty delta, and OpenRouter's says the role again,
    which means something the first time alone.
    """
    if choice.get("finish_reason") is not None or choice.get("text"):  # the latter is a legacy completion's
        return True
    return any(value for name, value in _delta(choice).items() if name != "role")


def _delta(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    delta = choice.get("delta")
    return delta if isinstance(delta, dict) else {}
