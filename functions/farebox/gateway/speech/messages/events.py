"""Reads a stream of Anthropic's as the chat completion chunks that mean the same
(https://docs.anthropic.com/en/docs/build-with-claude/streaming)."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from functions.farebox.gateway.faults.told import error_in
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.messages.words import (
    ENDINGS,
    FINISH_REASONS,
    KNOWN,
    SERVER_CALL,
    cited,
    completion_id,
    detail,
    others,
    step,
    told_usage,
    unseen,
)
from functions.farebox.gateway.stream.event_buffer import data_of
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.stream.transcript import MOST_LISTED
from functions.farebox.tokens.usage.shapes import read_shape

Json = dict[str, Any]

FEW_CALLS = 64  # that are told anew with each event that may be the last
_CALLS = ("tool_use", SERVER_CALL)


class MessageEvents:
    """See `EventReader`."""

    def __init__(self) -> None:
        self.is_ending = False
        self.is_known = False
        self.has_counted = False  # what the first event says of the completion holds its place
        self._envelope: Json = {}
        self._kind = ""  # of the block that is open
        self._input: object = None  # what the call that is open began with
        self._has_more = False  # of the block that is open, something came in deltas: a call's input, a thought's words
        self._calls = -1  # the index of the last call of a tool
        self._thoughts = -1
        self._ran: list[Json] = []  # the calls of tools that ran at the vendor
        self._ran_told = 0  # of them
        self._has_stopped = False  # it was told why it ends

    def read(self, event: bytes) -> bytes:
        """See `EventReader`."""
        data = data_of(event)
        told = read_object(data) if data else None
        kind = _text(told, "type") if told is not None else ""
        self.is_ending = kind in ENDINGS
        self.is_known = kind in KNOWN
        if told is None:
            return b""
        if kind == "content_block_delta":
            return self._chunk(self._delta(_object(told, "delta")))
        if kind == "content_block_start":
            return self._closed() + self._chunk(self._begun(_object(told, "content_block")))
        if kind == "content_block_stop":
            return self._closed()
        if kind == "message_start":
            return self._start(_object(told, "message"))
        if self.is_ending or kind in ("", "error"):
            report = read_shape(told_usage(told))
            self.has_counted = self.has_counted or (report is not None and report.generated is not None)
        if kind == "message_delta":
            return self._closed() + self._finish(told)
        if kind == "message_stop":
            usage = told_usage(told)
            ran = {"output": self._ran} if len(self._ran) > self._ran_told else {}
            return (
                b"" if usage is None else data_event({**self._envelope, "choices": [], "usage": usage, **ran})
            ) + DONE_EVENT
        if kind and kind != "error":
            return self._chunk(others([told]))
        # Every event of this dialect has a type: an error without one is a proxy's, or MiniMax's verdict.
        return data_event(told) if kind or error_in(told) is not None else b""

    def _start(self, message: Mapping[str, Any]) -> bytes:
        self._envelope = {
            "id": completion_id(message.get("id")),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": message.get("model"),
        }
        start = self._chunk({"role": "assistant", "content": ""}, usage=message.get("usage"))
        content = message.get("content")
        for block in content if isinstance(content, list) else ():  # nobody is known to begin with any
            if isinstance(block, dict):
                start += self._chunk(self._begun(block)) + self._closed()
        return start

    def _finish(self, told: Mapping[str, Any]) -> bytes:
        change = _object(told, "delta")
        reason, sequence = change.get("stop_reason"), change.get("stop_sequence")
        choice: Json = {"finish_reason": FINISH_REASONS.get(reason, "stop") if isinstance(reason, str) else None}
        if isinstance(sequence, str):
            choice["stop_reason"] = sequence
        is_last = reason is not None and not self._has_stopped
        self._has_stopped |= is_last
        return self._chunk({}, choice, told.get("usage"), is_empty=False, ran=self._ran_anew(is_last=is_last))

    def _ran_anew(self, *, is_last: bool) -> list[Json]:
        """All calls so far, where more are known than were told; of many not each time, but once they are twice as
        many, or it ends."""
        ran = len(self._ran)
        if ran == self._ran_told or (FEW_CALLS < ran < 2 * self._ran_told and not is_last):
            return []
        self._ran_told = ran
        return self._ran

    def _begun(self, block: Mapping[str, Any]) -> Json:
        self._kind = _text(block, "type")
        if len(self._ran) < MOST_LISTED:
            self._ran += step(block)
        self._input, self._has_more = block.get("input"), False
        if self._kind == "tool_use":
            self._calls += 1
            function = {"name": _text(block, "name"), "arguments": ""}
            return _called(self._calls, {"id": _text(block, "id"), "type": "function", "function": function})
        if self._kind == SERVER_CALL:
            return {SERVER_CALL: [{"name": block.get("name")}]}
        if self._kind == "redacted_thinking":
            self._thoughts += 1
            return {"reasoning_details": [detail(self._thoughts, data=_text(block, "data"))]}
        if self._kind == "thinking":
            self._thoughts += 1
            return self._thought(_text(block, "thinking")) | self._signed(_text(block, "signature"))
        return _spoken(_text(block, "text")) | cited(block) if self._kind == "text" else others([block])

    def _closed(self) -> bytes:
        """A call whose input came with its beginning, or is empty, is called with that: no input at all is no JSON."""
        kind, self._kind = self._kind, ""
        if kind not in _CALLS or self._has_more or (kind == SERVER_CALL and not self._input):
            return b""
        text = orjson.dumps(self._input or {}).decode()
        return self._chunk(self._wrote(kind, text))

    def _wrote(self, kind: str, text: str) -> Json:
        if kind == SERVER_CALL:
            return {SERVER_CALL: [{"input": text}]}
        return _called(self._calls, {"function": {"arguments": text}})

    def _delta(self, delta: Mapping[str, Any]) -> Json:
        kind = delta.get("type")
        if kind == "text_delta":
            return _spoken(_text(delta, "text"))
        if kind == "thinking_delta":
            return self._thought(_text(delta, "thinking"))
        if kind == "signature_delta":
            return self._signed(_text(delta, "signature"))
        if kind == "input_json_delta" and self._kind in _CALLS:
            piece = _text(delta, "partial_json")
            self._has_more = self._has_more or bool(piece)
            return self._wrote(self._kind, piece) if piece else {}
        return others([delta])

    def _signed(self, signature: str) -> Json:
        if not signature:
            return {}
        signed = {"reasoning_details": [detail(self._thoughts, signature=signature)]}
        return signed if self._has_more else signed | unseen(signature)

    def _thought(self, text: str) -> Json:
        if not text:
            return {}
        self._has_more = True
        return {"reasoning_content": text, "reasoning_details": [detail(self._thoughts, text=text)]}

    def _chunk(
        self,
        delta: Json,
        choice: Json | None = None,
        usage: object = None,
        *,
        is_empty: bool = True,
        ran: Sequence[Json] = (),
    ) -> bytes:
        if not delta and is_empty:
            return b""
        chosen = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None, **(choice or {})}
        chunk: Json = {**self._envelope, "choices": [chosen]}
        if usage is not None:
            chunk["usage"] = usage
        if ran:
            chunk["output"] = ran
        return data_event(chunk)


def _spoken(text: str) -> Json:
    return {"content": text} if text else {}


def _called(index: int, call: Json) -> Json:
    return {"tool_calls": [{"index": index, **call}]}


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
