"""A strict stand-in for OpenAI's Responses API: what it does not know it refuses, and it takes back no thought that it
has not sealed.

    vendor = ResponsesApi()
    upstream.default = vendor.answer     # of a `StandIn`
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.stand_ins.upstream import MODEL, Break, Delta, Received, Reply, Step, completion, json_reply
from tests.support.stand_ins.upstream import status as refusal
from tests.support.stand_ins.upstream import stream as chat_stream

USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 21,
}
SEAL = "gAAAAAB-sealed"
_FIELDS = {
    "model", "input", "instructions", "max_output_tokens", "stream", "store", "tools", "tool_choice", "include",
    "reasoning", "text", "truncation", "parallel_tool_calls", "prompt_cache_key", "temperature", "metadata",
    "client_metadata", "max_tool_calls",
}  # fmt: skip


@dataclass
class ResponsesApi:
    """It. `output` is what it answers after a thought, where it `thinks` one; `fails_after` and `breaks_after` end
    streams after so many events."""

    output: tuple[dict[str, Any], ...] = (
        {
            "id": "msg_0a1b",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello, wörld 👋!", "annotations": [], "logprobs": []}],
        },
    )
    thinks: str = "Hm."
    fails_after: int | None = None
    breaks_after: int | None = None
    bodies: list[dict[str, Any]] = field(default_factory=list)
    last_sent: bytes = b""

    def answer(self, received: Received) -> Reply:
        """Answer one request; chat completions as everywhere."""
        body: dict[str, Any] = received.json
        if received.path == "/v1/chat/completions":
            return chat_stream() if body.get("stream") else completion()
        fault = self._fault(received, body)
        if fault:
            return refusal(400, message=fault, error={"type": "invalid_request_error"})
        self.bodies.append(body)
        response = self._response(body)
        if body.get("stream"):
            return self._stream(response)
        self.last_sent = orjson.dumps(response)
        return json_reply(response)

    def _fault(self, received: Received, body: dict[str, Any]) -> str | None:
        if received.path != "/v1/responses":
            return f"there is nothing at {received.path}"
        unknown = body.keys() - _FIELDS
        if unknown:
            return f"Unknown parameter: '{min(unknown)}'."
        if body.get("store") is not False:
            return "the organisation stores nothing"
        if type(body.get("max_output_tokens")) is not int or body["max_output_tokens"] < 16:
            return "max_output_tokens: at least 16"
        items = body["input"] if isinstance(body["input"], list) else []
        for item in items:
            if item.get("type") == "reasoning" and item.get("encrypted_content") != SEAL:
                return f"Item with id '{item.get('id')}' not found."
        if self.thinks and not any(item.get("type") == "reasoning" for item in items):
            for item in items:
                if item.get("type") in ("function_call", "custom_tool_call") and item.get("id"):
                    kind = f"'{item['id']}' of type '{item['type']}'"
                    return f"Item {kind} was provided without its required 'reasoning' item."
        return None

    def _response(self, body: dict[str, Any]) -> dict[str, Any]:
        thought: dict[str, Any] = {
            "id": f"rs_0a1b{len(self.bodies)}",  # some clients take what has one id for one thing
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": self.thinks}],
        }
        if "reasoning.encrypted_content" in body.get("include", ()):
            thought["encrypted_content"] = SEAL
        return {
            "id": f"resp_0a1b{len(self.bodies)}",
            "object": "response",
            "created_at": 1_700_000_000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body["max_output_tokens"],
            "model": MODEL,
            "output": [*([thought] if self.thinks else ()), *self.output],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "service_tier": "default",
            "store": False,
            "temperature": 1.0,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": body.get("tools", []),
            "usage": USAGE,
            "metadata": {},
        }

    def _stream(self, response: dict[str, Any]) -> Reply:
        events = [_event(n, **event) for n, event in enumerate(_events(response))]
        self.last_sent = b"".join(events)
        steps: list[Step] = [Delta(event) for event in events]
        error = {"code": "server_error", "message": "The engine fell over."}
        failed = {**response, "status": "failed", "output": [], "usage": None, "error": error}
        for after, steps_then in (
            (self.fails_after, [_event(99, type="response.failed", response=failed)]),
            (self.breaks_after, [Break()]),
        ):
            if after is not None:
                steps = [*steps[:after], *steps_then]
        return Reply(200, {"content-type": "text/event-stream; charset=utf-8"}, steps)


def _event(number: int, **fields: Any) -> bytes:
    body = {**fields, "sequence_number": number}
    return b"event: " + str(fields["type"]).encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"


def _events(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        at = {"item_id": item["id"], "output_index": index}
        empty = {name: value for name, value in item.items() if name != "encrypted_content"}
        empty |= {name: type(item[name])() for name in ("content", "summary", "arguments", "input") if name in item}
        yield {"type": "response.output_item.added", "output_index": index, "item": empty}
        yield from _item_events(item, at)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": response}


def _item_events(item: dict[str, Any], at: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if item["type"] == "reasoning":
        for part in item["summary"]:
            yield {"type": "response.reasoning_summary_text.delta", **at, "summary_index": 0, "delta": part["text"]}
    elif item["type"] == "message":
        text = item["content"][0]["text"]
        part = {**item["content"][0], "text": ""}
        yield {"type": "response.content_part.added", **at, "content_index": 0, "part": part}
        for start in range(0, len(text), 6):
            delta = text[start : start + 6]
            yield {"type": "response.output_text.delta", **at, "content_index": 0, "delta": delta, "logprobs": []}
        yield {"type": "response.output_text.done", **at, "content_index": 0, "text": text, "logprobs": []}
        yield {"type": "response.content_part.done", **at, "content_index": 0, "part": item["content"][0]}
    elif item["type"] == "function_call":
        yield {"type": "response.function_call_arguments.delta", **at, "delta": item["arguments"]}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"]}
    elif item["type"] == "custom_tool_call":
        yield {"type": "response.custom_tool_call_input.delta", **at, "delta": item["input"]}
        yield {"type": "response.custom_tool_call_input.done", **at, "input": item["input"]}
