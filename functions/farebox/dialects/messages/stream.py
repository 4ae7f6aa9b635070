"""Translates streams to Anthropic's (https://docs.anthropic.com/en/docs/build-with-claude/streaming).

Blocks follow one another: each is closed before the next is begun. The counts are only known at the end, so
`message_start` has zeros and `message_delta` the truth.
"""

from functions.farebox.dialects.completion import (
    Delta,
    Done,
    Failure,
    Finish,
    Noted,
    Origin,
    Report,
    Text,
    Thought,
    ToolCall,
    read_block,
)
from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.messages.answer import empty_message, hidden, message_id, stop_reason_of, usage_json
from functions.farebox.dialects.notes import Notes, noted_id
from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.tokens.usage.usage import Usage


class MessagesWriter:
    """One stream. `model` is what it is called where the answer does not say; `thoughts` tells what the model thought
    as well."""

    def __init__(self, model: str, *, thoughts: bool = False) -> None:
        self._model = model
        self._thoughts = thoughts
        self._started = False
        self._open: object = None  # what the open block is: `text`, `thinking`, or a tool call's beginning
        self._blocks = 0
        self._notes = Notes()
        self._shown: list[str] = []  # of the thought that is open
        self._calls = False
        self._stop_reason: str | None = None
        self._stop_sequence: str | None = None
        self._report = Report(Usage(), None)

    def write(self, block: bytes) -> bytes:
        """See `StreamWriter`."""
        return b"".join(self._take(part) for part in read_block(block))

    def fail(self) -> bytes:
        """See `StreamWriter`."""
        return _error("The model's answer could not be read any further.")

    def _take(self, part: Delta) -> bytes:
        match part:
            case Origin():
                return self._start(part)
            case Noted(said=said):
                self._notes.take(said)
            case Thought(text=text) if self._thoughts:
                begun = self._begin("thinking", {"type": "thinking", "thinking": "", "signature": ""})
                self._shown.append(text)
                return begun + self._delta({"type": "thinking_delta", "thinking": text})
            case Text(text=text, is_refusal=is_refusal):
                if is_refusal:
                    self._stop_reason = "refusal"
                begun = self._close_thought() + self._begin("text", {"type": "text", "text": ""})
                return begun + self._delta({"type": "text_delta", "text": text})
            case ToolCall():
                return self._tool_call(part)
            case _:
                return self._take_ending(part)
        return b""

    def _take_ending(self, part: Delta) -> bytes:
        match part:
            case Finish():
                self._stop_reason = self._stop_reason or stop_reason_of(part)
                self._stop_sequence = part.stop_sequence
            case Report():
                self._report = part
            case Failure(error=error):
                return _error(str(error.get("message")))
            case Done():
                return self._end()
        return b""

    def _start(self, origin: Origin) -> bytes:
        if self._started:
            return b""
        self._started = True
        message = empty_message(message_id(origin.known.id), origin.model or self._model)
        return named_event({"type": "message_start", "message": message})

    def _tool_call(self, call: ToolCall) -> bytes:
        begun = b""
        if not call.continues(self._open):
            self._calls = True
            block = {"type": "tool_use", "id": noted_id(call.id, call.notes), "name": call.name, "input": {}}
            begun = self._close_thought() + self._begin(call, block)
        if not call.arguments:
            return begun
        return begun + self._delta({"type": "input_json_delta", "partial_json": call.arguments})

    def _begin(self, what: object, block: Json) -> bytes:
        """Begin a block, unless it is the one that is open."""
        if self._open == what:
            return b""
        closed = self._close()
        self._open = what
        return closed + named_event({"type": "content_block_start", "index": self._blocks, "content_block": block})

    def _delta(self, delta: Json) -> bytes:
        return named_event({"type": "content_block_delta", "index": self._blocks, "delta": delta})

    def _close_thought(self) -> bytes:
        """Sign the thought that is open, or hide what is noted in a block of its own where it can be of use."""
        if self._open == "thinking":
            return self._close()
        if not self._notes or not (self._thoughts or self._calls):
            return b""
        return self._begin("hidden", hidden(self._notes)) + self._close()

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        signed = b""
        if self._open == "thinking":
            signature = self._notes.sealed("".join(self._shown))
            self._shown = []
            signed = self._delta({"type": "signature_delta", "signature": signature})
        self._open = None
        self._blocks += 1
        return signed + named_event({"type": "content_block_stop", "index": self._blocks - 1})

    def _end(self) -> bytes:
        closed = self._close_thought() + self._close()
        change: Json = {
            "type": "message_delta",
            "delta": {"stop_reason": self._stop_reason or "end_turn", "stop_sequence": self._stop_sequence},
            "usage": usage_json(self._report.usage),
        }
        if self._report.charge is not None:
            change["farebox"] = self._report.charge
        return closed + named_event(change) + named_event({"type": "message_stop"})


def _error(message: str) -> bytes:
    return named_event({"type": "error", "error": {"type": "api_error", "message": message}})
