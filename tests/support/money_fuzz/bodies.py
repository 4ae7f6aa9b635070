"""Requests of a hostile client, drawn from a seed: sane ones of every dialect, bent in a few places."""

import json
import random
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from functions.farebox.request.chat import CHAT as CHAT_FIELDS
from functions.farebox.request.completions import COMPLETIONS as COMPLETION_FIELDS
from functions.farebox.request.embeddings import EMBEDDINGS as EMBEDDING_FIELDS
from functions.farebox.request.messages import MESSAGES as MESSAGE_FIELDS
from functions.farebox.request.responses import RESPONSES as RESPONSE_FIELDS
from tests.support.money_fuzz.values import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MESSAGES,
    PIXEL,
    RESPONSES,
    STEERING,
    Draw,
    hostile,
    long_text,
    text,
)

MODELS = (
    *("plain", "plain", "thinker-reasoning", "rich", "rich", "rich", "gpt-4o", "boundless", "flaky", "liar", "liar"),
    *("claude-sonnet-4-5", "claude-sonnet-4-5", "gpt-5", "gpt-5", "mixed", "mixed"),
    *("liar-m", "liar-m", "liar-r", "liar-r"),
)
BENT = 0.45  # of the requests
# Text that JSON reads as a number, an object or twice as the same field, put before a body's last brace.
_APPENDED = (
    '"max_tokens":5,"max_tokens":100000',
    '"n":1,"n":50',
    '"max_tokens":NaN',
    '"n":1e400',
    '"max_tokens":1' + "0" * 500,
    '"temperature":-Infinity',
    '"n":1.0',
    '"max_tokens":16e0',
    '"model":"plain","model":"dear"',
    '"stream":false,"stream":true',
    '"x":' + "[" * 5000 + "]" * 5000,
    '"x":[' + "[]," * 20_000 + "[]]",
    '"\\u006e":50',
    '"max\\u005ftokens":100000',
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A request to send."""

    path: str
    raw: bytes
    is_stream: bool


class _Dialect:
    def __init__(self, path: str, base: Draw, sane: Mapping[str, Draw], names: Sequence[str]) -> None:
        self.path, self.base, self.sane = path, base, sane
        self.names = sorted({*names, *sane})


def _content(rng: random.Random, parts: Sequence[Draw]) -> Any:
    if rng.random() < 0.8:
        return long_text(rng) if rng.random() < 0.01 else text(rng, 60)
    return [draw(rng) for draw in rng.choices(parts, k=rng.randint(1, 3))]


def _cached_part(rng: random.Random) -> dict[str, Any]:
    return {"type": "text", "text": text(rng), "cache_control": {"type": "ephemeral", "ttl": rng.choice(["5m", "1h"])}}


_CHAT_PARTS: list[Draw] = [
    lambda rng: {"type": "text", "text": text(rng)},
    lambda _: {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "high"}},
    lambda _: {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    lambda _: {"type": "input_audio", "input_audio": {"data": "UklGRg==" * 40, "format": "wav"}},
    lambda _: {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
    lambda rng: {
        "type": "text",
        "text": text(rng),
        "cache_control": {"type": "ephemeral", "ttl": rng.choice(["5m", "1h"])},
    },
]
_MESSAGE_PARTS: list[Draw] = [
    lambda rng: {"type": "text", "text": text(rng)},
    lambda _: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
    lambda rng: {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text(rng, 200)}},
    lambda rng: {
        "type": "text",
        "text": text(rng),
        "cache_control": {"type": "ephemeral", "ttl": rng.choice(["5m", "1h"])},
    },
    lambda rng: {"type": "tool_result", "tool_use_id": "t1", "content": text(rng)},
]
_RESPONSE_PARTS: list[Draw] = [
    lambda rng: {"type": "input_text", "text": text(rng)},
    lambda _: {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"},
    lambda _: {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
]


def _chat(rng: random.Random) -> dict[str, Any]:
    system = [{"role": "system", "content": text(rng)}] if rng.random() < 0.3 else []
    return {"messages": [*system, {"role": "user", "content": _content(rng, _CHAT_PARTS)}]}


def _messages(rng: random.Random) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": _content(rng, _MESSAGE_PARTS)}],
        "max_tokens": rng.choice([20, 900]),
    }


def _responses(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.5:
        return {"input": text(rng, 60)}
    return {"input": [{"type": "message", "role": "user", "content": _content(rng, _RESPONSE_PARTS)}]}


def _completions(rng: random.Random) -> dict[str, Any]:
    one = text(rng, 60)
    return {"prompt": rng.choice([one, one, one, [one], [one, text(rng)], [1, 2, 3], [[1, 2], [3]], long_text(rng)])}


def _embeddings(rng: random.Random) -> dict[str, Any]:
    texts = [text(rng) for _ in range(rng.randint(1, 5))]
    return {"input": rng.choice([texts[0], texts, [1, 2, 3], [[1, 2], [3]], [long_text(rng)]])}


_DIALECTS = {
    "chat": _Dialect("/v1/chat/completions", _chat, CHAT, [*CHAT_FIELDS]),
    "messages": _Dialect("/v1/messages", _messages, MESSAGES, [*MESSAGE_FIELDS]),
    "responses": _Dialect("/v1/responses", _responses, RESPONSES, [*RESPONSE_FIELDS]),
    "completions": _Dialect("/v1/completions", _completions, COMPLETIONS, [*COMPLETION_FIELDS]),
    "embeddings": _Dialect("/v1/embeddings", _embeddings, EMBEDDINGS, [*EMBEDDING_FIELDS]),
}


def draw_request(rng: random.Random) -> Drawn:
    """The next request."""
    name = rng.choices(("chat", "messages", "responses", "completions", "embeddings"), (5, 3, 3, 2, 1))[0]
    dialect = _DIALECTS[name]
    body = dialect.base(rng)
    body["model"] = "embed" if name == "embeddings" else rng.choice(MODELS)
    if name != "embeddings" and rng.random() < 0.5:
        body["stream"] = True
    for field in rng.sample(sorted(dialect.sane), k=rng.choice([0, 0, 1, 2, 3])):
        body[field] = dialect.sane[field](rng)
    is_bent = rng.random() < BENT
    if is_bent:
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            _bend(rng, body, dialect)
    raw = json.dumps(body).encode()
    return Drawn(dialect.path, _bend_text(rng, raw) if is_bent else raw, body.get("stream") is True)


def _bend(rng: random.Random, body: dict[str, Any], dialect: _Dialect) -> None:
    kind = rng.random()
    if kind < 0.35:
        body[rng.choice(dialect.names)] = hostile(rng)
    elif kind < 0.5:
        name, value = deepcopy(rng.choice(STEERING))
        holder = body if rng.random() < 0.7 else rng.choice(_holders(body))
        holder[name] = value if rng.random() < 0.8 else hostile(rng)
    elif kind < 0.6:
        body["".join(rng.choices("abcdefgnx_", k=rng.randint(1, 12)))] = hostile(rng)
    elif kind < 0.7:
        body.pop(rng.choice(sorted(body) or ["model"]), None)
    else:
        holder = rng.choice(_holders(body))
        field = rng.choice([*holder, "type", "content", "role", "cache_control", "name", "n", "cap"])
        holder[field] = hostile(rng)


def _holders(value: Any) -> list[dict[str, Any]]:
    """Every object in it, on whatever level."""
    found: list[dict[str, Any]] = []
    waiting = [value]
    while waiting and len(found) < 50:
        each = waiting.pop()
        if isinstance(each, dict):
            found.append(each)
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _bend_text(rng: random.Random, raw: bytes) -> bytes:
    kind = rng.random()
    if kind < 0.1:
        return raw[:-1] + b"," + rng.choice(_APPENDED).encode() + b"}"
    if kind < 0.12:
        return raw[: rng.randrange(len(raw))]
    if kind < 0.14:
        at = rng.randrange(len(raw))
        return raw[:at] + rng.randbytes(3) + raw[at:]
    if kind < 0.15:
        return rng.choice([b"", b"[]", b"null", b"1", b'"x"', b"[" * 100_000, b"{}"])
    return raw
