"""What an error says, in whichever shape its vendor writes it: small readers, one for each place that errors stand in.

| who | the shape |
| --- | --- |
| OpenAI and most others | `{"error": {"message", "type", "param", "code"}}` |
| Anthropic, Mistral, older vLLM | `{"type": "error", "error": {...}}`, `{"object": "error", "message", ...}` |
| Gemini and Vertex | `[{"error": {"code", "message", "status", "details": [{"reason"}]}}]`, or without the list |
| Ollama, xAI, Hugging Face | `{"error": "...", "code"}` |
| Workers AI | `{"errors": [{"code", "message"}], "success": false}` |
| FastAPI | `{"detail": "..."}`, `{"detail": [{"loc", "msg"}]}` |
| Bedrock, NVIDIA, Azure's gateway | `{"message", "__type"}`, `{"title", "detail"}`, `{"statusCode", "message"}` |
| MiniMax | `{"choices": null, "base_resp": {"status_code", "status_msg"}}` |
| OpenRouter | OpenAI's, with `metadata.raw`: the words of the vendor behind it |

Nothing here decides anything, and nothing that is malformed raises.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.farebox.gateway.json_object import read_json

MAX_MESSAGE_CHARS = 2000
MAX_DEPTH = 4
MAX_ROWS = 20

_WORD = re.compile(r"[A-Za-z0-9_.\[\]/#:-]{1,200}", re.ASCII)
_INNER = ("error", "errors", "detail", "details", "metadata", "response", "message", "title", "base_resp")
_MESSAGES = ("message", "Message", "msg", "detail", "error", "title", "error_message", "raw", "status_msg")
_NAMES = ("code", "type", "status", "reason", "__type", "error_type", "Code", "statusCode", "error_code")
_SIGNS = frozenset({"error", "errors", "type"})  # one of these is beside the choices of what may be an error
_ABOUT = frozenset({"role", "name", "audio_content"})  # of a message: who says it; MiniMax adds the last, mostly empty
_RESULTS = ("choices", "data", "output", "content", "embeddings")  # one of these is an answer, or a part of one


@dataclass(frozen=True, slots=True)
class Told:
    """`message` is the vendor's, "" where it has none. `words` are its codes and types, in lower case. `status` is the
    HTTP status that it names inside itself; `param`, `code` and `kind` are fit to be shown as they are."""

    message: str
    words: frozenset[str] = frozenset()
    status: int | None = None
    param: str | None = None
    code: str | None = None
    kind: str | None = None


def read_error(body: bytes) -> Told | None:
    """What an answer that is an error by its status says; `None` where nothing can be read from it."""
    payload = read_json(body)
    return None if payload is None else told_by(payload)


def error_in(payload: object) -> Told | None:
    """The error in an answer, or in an event, whose status says that it is none; `None` where there is none in it.

    A result beside an `error` that is empty is no error.
    """
    if isinstance(payload, list):
        payload = next((row for row in payload if isinstance(row, dict)), None)
    if not isinstance(payload, Mapping):
        return None
    verdict = payload.get("base_resp")
    if isinstance(verdict, Mapping) and verdict.get("status_code") and not _is_answered(payload.get("choices")):
        return told_by(payload)
    if payload.keys().isdisjoint(_SIGNS) and payload.get("choices"):
        return _in_a_choice(payload["choices"])
    for name in ("error", "errors"):
        if payload.get(name):
            return told_by(payload)
    if payload.get("object") == "error" or payload.get("type") == "error":
        return told_by(payload)
    if not any(name in payload for name in _RESULTS) and any(
        isinstance(payload.get(name), str | list) and payload[name] for name in ("detail", "message", "Message")
    ):
        return told_by(payload)
    return _in_a_choice(payload.get("choices"))


def told_in(payload: object) -> Told:
    """What an answer or event that is an error says, wherever in it."""
    return error_in(payload) or told_by(payload)


def told_by(payload: object) -> Told:
    """What an object that is an error says."""
    found = list(_objects(payload, MAX_DEPTH))
    words = {word.lower() for each in found for word in _words(each)}
    status = next((status for each in found if (status := _status(each)) is not None), None)
    message = next((text for each in found if (text := _message(each))), "")
    if isinstance(payload, str):
        message = payload
    raw = next((raw for each in found if isinstance(raw := each.get("raw"), str)), "")
    if raw and raw not in message:
        message = f"{message} {raw}".strip()
    return Told(
        message[:MAX_MESSAGE_CHARS],
        frozenset(words),
        status,
        _first(found, "param"),
        _first(found, "code"),
        _first(found, "type"),
    )


def _objects(payload: object, depth: int) -> Iterator[Mapping[str, object]]:
    """The objects of an error, the innermost that has words of its own first: it says most."""
    if isinstance(payload, list):
        for row in payload[:MAX_ROWS]:
            yield from _objects(row, depth)
    elif isinstance(payload, Mapping):
        if depth:
            for name in _INNER:
                if isinstance(payload.get(name), Mapping | list):
                    yield from _objects(payload[name], depth - 1)
        yield payload


def _words(error: Mapping[str, object]) -> Iterator[str]:
    for name in _NAMES:
        value = error.get(name)
        if isinstance(value, str) and _WORD.fullmatch(value):
            yield value.rpartition("#")[2]  # Bedrock's types have a namespace before it


def _status(error: Mapping[str, object]) -> int | None:
    for name in ("status", "statusCode", "status_code", "code"):
        value = error.get(name)
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if type(value) is int and 400 <= value < 600:
            return value
    return None


def _message(error: Mapping[str, object]) -> str:
    for name in _MESSAGES:
        value = error.get(name)
        if isinstance(value, str) and value:
            place = error.get("loc")
            if isinstance(place, list) and place:  # FastAPI's
                return f"{'.'.join(map(str, place))}: {value}"
            return value
    return ""


def _first(found: list[Mapping[str, object]], name: str) -> str | None:
    for each in found:
        value = each.get(name)
        if isinstance(value, str) and _WORD.fullmatch(value):
            return value
    return None


def _is_answered(choices: object) -> bool:
    """Whether a whole answer says something, whatever MiniMax's verdict on it: it was paid for."""
    for choice in choices if isinstance(choices, list) else ():
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if isinstance(message, Mapping) and any(said for name, said in message.items() if name not in _ABOUT):
            return True
    return False


def _in_a_choice(choices: object) -> Told | None:
    """OpenRouter and others end a choice with an error in it."""
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, Mapping) and (choice.get("error") or choice.get("finish_reason") == "error"):
            return told_by(choice.get("error") or choice)
    return None
