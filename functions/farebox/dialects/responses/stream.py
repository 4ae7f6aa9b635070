"""Translates streams to a response's (https://platform.openai.com/docs/api-reference/responses-streaming).

Items follow one another: each is done before the next is added. What has come so far is kept, since the events at the
end of each part, item and response repeat it whole. The text of a custom tool's call comes at its end, in one piece.
"""

from collections.abc import Mapping
from typing import Any

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
from functions.farebox.dialects.notes import Notes
from functions.farebox.dialects.responses.answer import (
    call_item,
    complete_call,
    complete_thought,
    content_part,
    empty_response,
    finished,
    item_suffix,
    message_item,
    reasoning_item,
    thought_part,
    wants_summary,
)
from functions.farebox.dialects.responses.tools import read_tools
from functions.farebox.gateway.stream.own_events import named_event

BROKEN = {"code": "server_error", "message": "The model's answer could not be read any further."}


class ResponsesWriter:
    """One stream, for a request in the dialect's words; `key` as in `item_suffix`."""

    def __init__(self, asked: Mapping[str, Any], key: bytes) -> None:
        self._key = key
        self._asked = asked
        _, self._tools = read_tools(asked)
        self._response: Json = {}
        self._suffix = ""
        self._output: list[Json] = []
        self._open: object = None  # what the open item is: `text`, `refusal`, `thought`, or a tool call's beginning
        self._notes = Notes()
        self._is_summary = wants_summary(asked)
        self._pieces: list[str] = []  # of the open item's text or arguments
        self._reason = ""
        self._report: Report | None = None
        self._sequence = 0

    def write(self, block: bytes) -> bytes:
        """See `StreamWriter`."""
        return b"".join(self._take(part) for part in read_block(block))

    def fail(self) -> bytes:
        """See `StreamWriter`."""
        return self._failed(BROKEN)

    def _take(self, part: Delta) -> bytes:
        match part:
            case Origin():
                return self._start(part)
            case Noted(said=said):
                self._notes.take(said)
            case Thought(text=text):
                return self._think(text)
            case Text(text=text, is_refusal=is_refusal):
                return self._say(text, "refusal" if is_refusal else "text")
            case ToolCall():
                return self._call(part)
            case Finish(reason=reason):
                self._reason = reason
            case Report():
                self._report = part
            case Failure(error=error):
                return self._failed({"code": "server_error", "message": str(error.get("message"))})
            case Done():
                return self._end()
        return b""

    def _start(self, origin: Origin) -> bytes:
        if self._response:
            return b""
        origin = origin.known
        self._suffix = item_suffix(origin, self._key)
        self._response = empty_response(origin, self._asked)
        created = self._event("response.created", response=self._response)
        return created + self._event("response.in_progress", response=self._response)

    def _think(self, text: str) -> bytes:
        begun = b""
        if self._open != "thought":
            begun = self._close() + self._add_thought()
            begun += self._thought_event("part.added", part=thought_part("", is_summary=self._is_summary))
        self._pieces.append(text)
        return begun + self._thought_event("text.delta", delta=text)

    def _add_thought(self) -> bytes:
        return self._add("thought", reasoning_item(f"rs_{self._suffix}_{len(self._output)}", "in_progress"))

    def _thought_event(self, what: str, **fields: Any) -> bytes:
        """An event of a part of a thought, or of its text."""
        if self._is_summary:
            return self._item_event(f"response.reasoning_summary_{what}", summary_index=0, **fields)
        kind = "content" if what.startswith("part") else "reasoning"
        return self._item_event(f"response.{kind}_{what}", content_index=0, **fields)

    def _say(self, text: str, kind: str) -> bytes:
        begun = b""
        if self._open != kind:
            begun = self._close()
            item = message_item(f"msg_{self._suffix}_{len(self._output)}", "in_progress")
            begun += self._add(kind, item)
            part = content_part("", is_refusal=kind == "refusal")
            begun += self._item_event("response.content_part.added", content_index=0, part=part)
        self._pieces.append(text)
        if kind == "refusal":
            return begun + self._item_event("response.refusal.delta", content_index=0, delta=text)
        return begun + self._item_event("response.output_text.delta", content_index=0, delta=text, logprobs=[])

    def _call(self, call: ToolCall) -> bytes:
        begun = b""
        if not call.continues(self._open):
            begun = self._close()
            if self._notes:
                begun += self._add_thought() + self._close()
            item = call_item(f"{self._suffix}_{len(self._output)}", call, self._tools, "in_progress")
            begun += self._add(call, item)
        if not call.arguments:
            return begun
        self._pieces.append(call.arguments)
        if self._output[-1]["type"] != "function_call":  # whose arguments are no text, or in JSON until all are there
            return begun
        return begun + self._item_event("response.function_call_arguments.delta", delta=call.arguments)

    def _add(self, what: object, item: Json) -> bytes:
        self._open = what
        self._output.append(item)
        return self._event("response.output_item.added", output_index=len(self._output) - 1, item=item)

    def _close(self) -> bytes:
        """Say that the open item is done, if there is one."""
        if self._open is None:
            return b""
        whole, item = "".join(self._pieces), self._output[-1]
        done = self._done(whole, item)
        item["status"] = "completed"
        self._open = None
        self._pieces.clear()
        return done + self._event("response.output_item.done", output_index=len(self._output) - 1, item=item)

    def _done(self, whole: str, item: Json) -> bytes:
        if item["type"] == "message":
            return self._said(whole, item)
        return self._thought(whole, item) if item["type"] == "reasoning" else self._call_done(whole, item)

    def _thought(self, text: str, item: Json) -> bytes:
        complete_thought(item, text, self._notes, is_summary=self._is_summary)
        if not text:
            return b""
        done = self._thought_event("text.done", text=text)
        return done + self._thought_event("part.done", part=thought_part(text, is_summary=self._is_summary))

    def _call_done(self, arguments: str, item: Json) -> bytes:
        complete_call(item, arguments)
        if item["type"] == "custom_tool_call":
            delta = self._item_event("response.custom_tool_call_input.delta", delta=item["input"])
            return delta + self._item_event("response.custom_tool_call_input.done", input=item["input"])
        if item["type"] == "tool_search_call":
            return b""
        written = item["arguments"]
        delta = b"" if arguments else self._item_event("response.function_call_arguments.delta", delta=written)
        return delta + self._item_event("response.function_call_arguments.done", name=item["name"], arguments=written)

    def _said(self, text: str, item: Json) -> bytes:
        is_refusal = self._open == "refusal"
        part = content_part(text, is_refusal=is_refusal)
        item["content"] = [part]
        if is_refusal:
            done = self._item_event("response.refusal.done", content_index=0, refusal=text)
        else:
            done = self._item_event("response.output_text.done", content_index=0, text=text, logprobs=[])
        return done + self._item_event("response.content_part.done", content_index=0, part=part)

    def _end(self) -> bytes:
        closed = self._close()
        report = self._report
        response = finished(self._response, self._output, self._reason, report.usage if report else None)
        if report is not None and report.charge is not None:
            response["farebox"] = report.charge
        return closed + self._event(f"response.{response['status']}", response=response)

    def _failed(self, error: Json) -> bytes:
        if not self._response:
            return self._event("error", param=None, **error)
        failed = {**self._response, "status": "failed", "error": error, "output": self._output}
        return self._event("response.failed", response=failed)

    def _item_event(self, type: str, **fields: Any) -> bytes:
        return self._event(type, item_id=self._output[-1]["id"], output_index=len(self._output) - 1, **fields)

    def _event(self, type: str, **fields: Any) -> bytes:
        self._sequence += 1
        return named_event({"type": type, "sequence_number": self._sequence - 1, **fields})
