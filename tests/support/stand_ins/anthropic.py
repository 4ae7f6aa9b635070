"""A strict stand-in for Anthropic's Messages API, as its documentation has it: what it does not know it refuses.

    vendor = AnthropicApi()
    upstream.default = vendor.answer     # of a `StandIn`

It caches prompts by their prefixes as documented (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching),
seals what it thinks, takes back no thought that it has not sealed, and keeps a `bill` of what it charges.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.stand_ins.upstream import Break, Delta, Pause, Received, Reply, Step, json_reply

KEY = "sk-ant-stand-in"
MODEL = "claude-sonnet-4-5-stand-in"
# nano-USD per token: Sonnet's prices
RATES = {"input": 3000, "read": 300, "write_5m": 3750, "write_1h": 6000, "output": 15000}
PRICE = {
    "input_usd_per_1m": "3",
    "cached_input_usd_per_1m": "0.3",
    "cache_write_usd_per_1m": "3.75",
    "cache_write_1h_usd_per_1m": "6",
    "output_usd_per_1m": "15",
    "context_tokens": 200_000,
    "max_output_tokens": 64_000,
}
BYTES_A_TOKEN = 4
LOOKBACK_BLOCKS = 20
LEAST_CACHED_TOKENS = 1024
LIFETIMES_S = {"5m": 300.0, "1h": 3600.0}
# What is refused without its name in the header `anthropic-beta`.
_BETA_FIELDS = {"context_management": "context-management-2025-06-27"}
_TURN_BETA = "per-turn-control-2026-07-01"

_FIELDS = {
    "model", "messages", "max_tokens", "system", "stream", "stop_sequences", "temperature", "top_p", "top_k", "tools",
    "tool_choice", "metadata", "thinking", "output_config", "service_tier", "cache_control", "context_management",
}  # fmt: skip
_BLOCKS = {"text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "search_result"}


class _Refused(Exception):
    """What it finds fault with."""


@dataclass
class Usage:
    """What one request took, in tokens."""

    uncached: int
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    output: int = 0

    @property
    def cost(self) -> int:
        """Nano-USD."""
        return (
            self.uncached * RATES["input"]
            + self.read * RATES["read"]
            + self.write_5m * RATES["write_5m"]
            + self.write_1h * RATES["write_1h"]
            + self.output * RATES["output"]
        )

    def to_json(self, output: int | None = None) -> dict[str, Any]:
        """As it is told; at the beginning of a stream with another count of what was generated."""
        return {
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.write_5m + self.write_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.write_5m,
                "ephemeral_1h_input_tokens": self.write_1h,
            },
            "output_tokens": self.output if output is None else output,
            "service_tier": "standard",
        }


@dataclass
class AnthropicApi:
    """It. `content` is what it answers, `output_tokens` what that takes; `thinks` puts a sealed thought before it where
    the request asks for one. `model` is the one that it has; `None`: it has any. `fails_after`, `breaks_after` and
    `stalls_after` end streams after so many events. `now` tells the time, in seconds: what is cached ends."""

    content: Sequence[dict[str, Any]] = ({"type": "text", "text": "Hello, wörld 👋!"},)
    stop_reason: str = "end_turn"
    output_tokens: int = 12
    thinks: str = "Let me think."
    model: str | None = MODEL
    fails_after: int | None = None
    breaks_after: int | None = None
    stalls_after: int | None = None
    bill: list[Usage] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    last_sent: bytes = b""
    now: Callable[[], float] = time.monotonic
    _cached: dict[str, tuple[float, float]] = field(default_factory=dict)  # by prefix: until when, and for how long

    def answer(self, received: Received) -> Reply:
        """Answer one request."""
        try:
            body = self._read(received)
        except _Refused as fault:
            return refusal(400, "invalid_request_error", str(fault))
        self.bodies.append(body)
        usage = self._count(body)
        usage.output = self.output_tokens
        self.bill.append(usage)
        content = list(self.content)
        if self.thinks and body.get("thinking", {"type": "disabled"})["type"] != "disabled":
            content.insert(0, {"type": "thinking", "thinking": self.thinks, "signature": _seal(self.thinks)})
        # Some clients take messages of one id for one message.
        id = "msg_stand-in" if len(self.bodies) == 1 else f"msg_stand-in_{len(self.bodies)}"
        if body.get("stream"):
            return self._stream(id, content, usage)
        message = {**_message(id, content, usage.to_json()), "stop_reason": self.stop_reason}
        self.last_sent = orjson.dumps(message)
        return json_reply(message)

    def _read(self, received: Received) -> dict[str, Any]:
        self._check_head(received)
        body: dict[str, Any] = received.json
        betas = received.headers.get("anthropic-beta", "").split(",")
        unknown = (
            body.keys() - _FIELDS | {name for name, beta in _BETA_FIELDS.items() if beta not in betas} & body.keys()
        )
        if unknown:
            raise _Refused(f"{min(unknown)}: Extra inputs are not permitted")
        known = {"role", "content", *(["output_config"] if _TURN_BETA in betas else [])}
        if body["model"] != (self.model or body["model"]):
            raise _Refused("model: there is none of this name")
        if type(body.get("max_tokens")) is not int:
            raise _Refused("max_tokens: Field required")
        thinking = body.get("thinking", {"type": "disabled"})
        if thinking["type"] == "enabled" and not 1024 <= thinking["budget_tokens"] < body["max_tokens"]:
            raise _Refused("`max_tokens` must be greater than `thinking.budget_tokens`")
        for n, message in enumerate(body["messages"]):
            if not message.keys() <= known:
                raise _Refused(f"messages.{n}: Extra inputs are not permitted")
        self._check_messages(body["messages"], thinks=bool(self.thinks) and thinking["type"] == "enabled")
        for tool in body.get("tools", ()):
            if tool.get("type") in (None, "custom") and tool["input_schema"].get("type") != "object":
                raise _Refused("tools.0.input_schema.type: Field required")
        self._check_marks([block["cache_control"] for block in _blocks(body) if "cache_control" in block])
        return body

    def _check_head(self, received: Received) -> None:
        if not received.path.endswith("/v1/messages"):
            raise _Refused(f"there is nothing at {received.path}")
        if received.headers.get("x-api-key") != KEY or "authorization" in received.headers:
            raise _Refused("x-api-key: it is wrong")
        if received.headers.get("anthropic-version") != "2023-06-01":
            raise _Refused("anthropic-version: header is required")

    def _check_messages(self, messages: list[dict[str, Any]], *, thinks: bool) -> None:
        waiting: set[str] = set()
        for n, message in enumerate(messages):
            at = f"messages.{n}"
            if message["role"] not in ("user", "assistant", "system") or (message["role"] == "system" and n == 0):
                raise _Refused(f"{at}.role: Input should be 'user' or 'assistant'")
            content = message["content"]
            if content in ("", []):
                raise _Refused(f"{at}: all messages must have non-empty content")
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
            if message["role"] == "system" and not answered:
                continue
            if answered != waiting:
                raise _Refused(f"{at}: `tool_use` ids were found without `tool_result` blocks immediately after")
            waiting = {block["id"] for block in blocks if block["type"] == "tool_use"}
            for block in blocks:
                self._check_block(block, at)
            if thinks and waiting and blocks[0]["type"] not in ("thinking", "redacted_thinking"):
                raise _Refused(f"{at}.content.0.type: Expected `thinking` or `redacted_thinking`")

    def _check_marks(self, marks: list[dict[str, Any]]) -> None:
        if len(marks) > 4:
            raise _Refused("A maximum of 4 blocks with cache_control may be provided.")
        lifetimes = [mark.get("ttl", "5m") for mark in marks]
        if lifetimes != sorted(lifetimes):  # "1h" before "5m"
            raise _Refused("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")

    def _check_block(self, block: dict[str, Any], at: str) -> None:
        if block["type"] not in _BLOCKS:
            raise _Refused(f"{at}: Input tag {block['type']!r} found using 'type' does not match")
        if block["type"] == "text" and not block["text"]:
            raise _Refused(f"{at}: text content blocks must be non-empty")
        if block["type"] == "thinking" and block["signature"] != _seal(block["thinking"]):
            raise _Refused(f"{at}: Invalid `signature` in `thinking` block")

    def _count(self, body: dict[str, Any]) -> Usage:
        """The cache reads the longest prefix that it knows and that ends at, or less than 20 blocks before, a mark; it
        writes what lies between that and the last mark, for as long as the mark says whose part it is. Shorter prefixes
        than the least are not kept."""
        blocks = list(_blocks(body))
        names, sizes = [], []
        prefix = hashlib.sha256()
        for block in blocks:
            text = orjson.dumps({name: value for name, value in block.items() if name != "cache_control"})
            prefix.update(text)
            names.append(prefix.hexdigest())
            sizes.append(-(-len(text) // BYTES_A_TOKEN))
        marks = [n for n, block in enumerate(blocks) if "cache_control" in block]
        now = self.now()
        known = [
            n
            for mark in marks
            for n in range(mark, max(-1, mark - LOOKBACK_BLOCKS), -1)
            if self._cached.get(names[n], (0.0, 0.0))[0] > now
        ]
        read = max(known, default=-1)
        if read >= 0:
            lasts = self._cached[names[read]][1]
            self._cached[names[read]] = (now + lasts, lasts)  # used, it lasts as long again
        usage = Usage(uncached=sum(sizes), read=sum(sizes[: read + 1]))
        begin = read + 1
        for mark in marks:
            if mark >= begin and sum(sizes[: mark + 1]) >= LEAST_CACHED_TOKENS:
                written = sum(sizes[begin : mark + 1])
                ttl = blocks[mark]["cache_control"].get("ttl", "5m")
                if ttl == "1h":
                    usage.write_1h += written
                else:
                    usage.write_5m += written
                begin = mark + 1
                self._cached[names[mark]] = (now + LIFETIMES_S[ttl], LIFETIMES_S[ttl])
        usage.uncached -= usage.read + usage.write_5m + usage.write_1h
        return usage

    def _stream(self, id: str, content: Sequence[dict[str, Any]], usage: Usage) -> Reply:
        events = list(_events(id, content, usage, self.stop_reason))
        steps: list[Step] = [Delta(event) for event in events]
        self.last_sent = b"".join(events)
        for after, steps_then in (
            (self.fails_after, [_event("error", error={"type": "overloaded_error", "message": "Overloaded"})]),
            (self.breaks_after, [Break()]),
            (self.stalls_after, [Pause()]),
        ):
            if after is not None:
                steps = [*steps[:after], *steps_then]
        return Reply(200, {"content-type": "text/event-stream; charset=utf-8"}, steps)


def refusal(status: int, kind: str, message: str) -> Reply:
    """An error in Anthropic's shape."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CStandInStandIn"}
    return json_reply(error, status=status)


def _blocks(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All blocks of a prompt, in the order in which the cache sees them. Deferred tools are none: the model sees them
    where a result refers to them."""
    yield from (tool for tool in body.get("tools", ()) if not tool.get("defer_loading"))
    system = body.get("system", ())
    yield from [{"type": "text", "text": system}] if isinstance(system, str) else system
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            yield {"role": message["role"], **block}


def _seal(thought: str) -> str:
    return "sealed-" + hashlib.sha256(thought.encode()).hexdigest()


def _message(id: str, content: Sequence[dict[str, Any]], usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **fields}) + b"\n\n"


def _events(id: str, content: Sequence[dict[str, Any]], usage: Usage, stop_reason: str) -> Iterator[bytes]:
    yield _event("message_start", message=_message(id, [], usage.to_json(1)))
    yield _event("ping")
    for index, block in enumerate(content):
        yield from _block_events(index, block)
    change = {"stop_reason": stop_reason, "stop_sequence": None}
    yield _event("message_delta", delta=change, usage={"output_tokens": usage.output})
    yield _event("message_stop")


def _block_events(index: int, block: dict[str, Any]) -> Iterator[bytes]:
    kind = block["type"]
    begun: dict[str, dict[str, Any]] = {
        "text": {"text": ""},
        "thinking": {"thinking": "", "signature": ""},
        "tool_use": {"input": {}},
    }
    yield _event("content_block_start", index=index, content_block={**block, **begun.get(kind, {})})
    if kind == "text":
        deltas = [{"type": "text_delta", "text": word} for word in _pieces(block["text"])]
    elif kind == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": word} for word in _pieces(block["thinking"])]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif kind == "tool_use":
        text = orjson.dumps(block["input"]).decode()
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ("", text[:5], text[5:])]
    else:
        deltas = []
    for delta in deltas:
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _pieces(text: str) -> list[str]:
    return [text[at : at + 6] for at in range(0, len(text), 6)]
