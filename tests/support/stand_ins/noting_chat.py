"""Stand-ins for models that write notes for themselves, and refuse the results of their tools without them, as
DeepSeek, Gemini and OpenRouter do.

    vendor = NotingChat(GEMINI)
    upstream.default = vendor.answer     # of a `StandIn`

It calls `weather` three times in a row, and then says `SAID`.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.stand_ins.upstream import DONE, MODEL, USAGE, Received, Reply, completion, raw
from tests.support.stand_ins.upstream import status as refusal

SAID = "It rains."
STEPS = 3
Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How a vendor notes: the fields of an answer's message, in the pieces that a stream tells them in and whole, and
    those of a call."""

    name: str
    pieces: tuple[Json, ...] = ()
    whole: Json = field(default_factory=dict)
    call: Json = field(default_factory=dict)


# https://api-docs.deepseek.com/guides/thinking_mode
DEEPSEEK = Way(
    "deepseek", ({"reasoning_content": "Let me "}, {"reasoning_content": "see."}), {"reasoning_content": "Let me see."}
)
# https://ai.google.dev/gemini-api/docs/thought-signatures
GEMINI = Way("gemini", call={"extra_content": {"google": {"thought_signature": "Cj8BVKhc7ru+gem/ini=="}}})
# https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
_DETAIL: Json = {"type": "reasoning.text", "index": 0, "format": "unknown"}
_SEALED: Json = {"type": "reasoning.encrypted", "data": "c2VhbGVk", "index": 1, "format": "openai-responses-v1"}
OPENROUTER = Way(
    "openrouter",
    (
        {"reasoning": "Let me ", "reasoning_details": [{**_DETAIL, "text": "Let me "}]},
        {"reasoning": "see.", "reasoning_details": [{**_DETAIL, "text": "see."}]},
        {"reasoning_details": [_SEALED]},
    ),
    {"reasoning": "Let me see.", "reasoning_details": [{**_DETAIL, "text": "Let me see."}, _SEALED]},
)
WAYS = (DEEPSEEK, GEMINI, OPENROUTER)


@dataclass
class NotingChat:
    """It. What it was asked is in `bodies`."""

    way: Way
    bodies: list[Json] = field(default_factory=list)

    def answer(self, received: Received) -> Reply:
        """Answer one request."""
        body = received.json
        self.bodies.append(body)
        said = [message for message in body["messages"] if message["role"] == "assistant"]
        for n, message in enumerate(said):
            fault = self._fault(n, message)
            if fault:
                return refusal(400, message=fault, error={"type": "invalid_request_error"})
        return self._stream(len(said)) if body.get("stream") else self._whole(len(said))

    def _fault(self, n: int, message: Json) -> str | None:
        noted = {name: value for name, value in message.items() if name not in ("role", "content", "tool_calls")}
        if noted != self.way.whole:
            return f"Missing reasoning in assistant message {n}: {noted}"
        if message["tool_calls"] != [self._call(n)]:
            return f"Function call is missing a thought_signature: {message['tool_calls']}"
        return None

    def _call(self, n: int) -> Json:
        function = {"name": "weather", "arguments": '{"city":"Rome"}'}
        return {"id": f"call_{n}", "type": "function", "function": function, **self.way.call}

    def _whole(self, n: int) -> Reply:
        if n == STEPS:
            return completion(SAID, message=self.way.whole)
        message = {"content": None, "tool_calls": [self._call(n)], **self.way.whole}
        return completion(message=message, finish_reason="tool_calls")

    def _stream(self, n: int) -> Reply:
        said: Json = {"content": SAID} if n == STEPS else {"tool_calls": [{"index": 0, **self._call(n)}]}
        deltas = [{"role": "assistant", "content": ""}, *self.way.pieces, said]
        choices: list[Json] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop" if n == STEPS else "tool_calls"})
        events = [_event([choice]) for choice in choices]
        return raw(*events, _event([], usage=USAGE), DONE, headers={"content-type": "text/event-stream"})


def _event(choices: list[Json], **fields: Any) -> bytes:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": MODEL}
    return b"data: " + orjson.dumps({**chunk, "choices": choices, **fields}) + b"\n\n"
