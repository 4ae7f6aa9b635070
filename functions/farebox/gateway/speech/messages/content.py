"""Writes the messages of a chat completion request in Anthropic's words: system prompts apart, results of tools in the
user's turns, thoughts with their signatures before what was said, marks for the cache where they were."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from functions.farebox.gateway.speech.messages.words import THOUGHT_FORMAT
from functions.farebox.request.fate import unsupported
from functions.farebox.request.values import CACHE_CONTROL, object_at, objects_at, text_at, wrong_value

Json = dict[str, Any]

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w=.-]+)*;base64,", re.IGNORECASE)
_SYSTEM_ROLES = ("system", "developer")
_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")
_OURS = ("image", "document")  # parts that are in Anthropic's words already
_CANNOT = "a part of this type cannot be sent to this model."


def write_messages(messages: list[Mapping[str, Any]]) -> tuple[list[Json], list[Json]]:
    """The blocks of the system prompt, and the turns. Raises `InvalidRequest` for what has no equivalent."""
    system: list[Json] = []
    turns: list[Json] = []
    for n, message in enumerate(messages):
        at, role = f"messages.{n}", message["role"]
        if role in _SYSTEM_ROLES and not turns:
            system += _marked(message, list(_parts(message.get("content"), f"{at}.content")))
            continue
        if role in ("user", *_SYSTEM_ROLES):
            blocks = list(_parts(message.get("content"), f"{at}.content"))
        elif role == "assistant":
            blocks = [*_thoughts(message), *_parts(message.get("content"), f"{at}.content"), *_calls(message, at)]
        elif role == "tool":
            blocks = [_result(message, at)]
        else:
            raise wrong_value(f"{at}.role", "system, developer, user, assistant or tool")
        _add(turns, "assistant" if role == "assistant" else "user", _marked(message, blocks))
    if not turns:
        raise unsupported("messages", "this model answers only where somebody else than the system says something.")
    return system, turns


def call_id(text: str) -> str:
    """The id of a call, of the characters that Anthropic takes."""
    return _NOT_IN_IDS.sub("_", text)


def _add(turns: list[Json], role: str, blocks: list[Json]) -> None:
    """Turns of one role that follow each other are one."""
    if not blocks:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"] += blocks
    else:
        turns.append({"role": role, "content": blocks})


def _marked(message: Mapping[str, Any], blocks: list[Json]) -> list[Json]:
    """With a mark of the whole message on its last block."""
    mark = message.get(CACHE_CONTROL)
    if mark is not None and blocks:
        blocks[-1] = {**blocks[-1], CACHE_CONTROL: mark}
    return blocks


def _parts(content: object, at: str) -> Iterator[Json]:
    """Blocks of what was said. What is empty or blank is refused there, and says nothing."""
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    for n, part in enumerate(objects_at(content, at) if content is not None else ()):
        block = _part(part, f"{at}.{n}")
        if block["type"] == "text" and not block["text"].strip():
            continue
        mark = part.get(CACHE_CONTROL)
        yield block if mark is None else {**block, CACHE_CONTROL: mark}


def _part(part: Mapping[str, Any], at: str) -> Json:
    kind = part.get("type")
    if kind in ("text", "refusal"):
        return {"type": "text", "text": text_at(part.get(kind), f"{at}.{kind}")}
    if kind == "image_url":
        image = part.get("image_url")
        url = image if isinstance(image, str) else object_at(image, f"{at}.image_url").get("url")
        return {"type": "image", "source": _source(text_at(url, f"{at}.image_url.url"), at)}
    if kind == "file":
        return _file(object_at(part.get("file"), f"{at}.file"), f"{at}.file")
    if kind in _OURS and isinstance(part.get("source"), dict):
        return dict(part)
    raise unsupported(f"{at}.type", _CANNOT)


def _source(url: str, at: str) -> Json:
    found = _DATA_URL.match(url)
    if found is not None:
        return {"type": "base64", "media_type": found[1].lower(), "data": url[found.end() :]}
    if url.startswith(("https://", "http://")):
        return {"type": "url", "url": url}
    raise unsupported(at, "write an address, or data: with a type and base64.")


def _file(file: Mapping[str, Any], at: str) -> Json:
    source = _source(text_at(file.get("file_data"), f"{at}.file_data"), f"{at}.file_data")
    kind = source.get("media_type", "application/pdf")
    if kind.startswith("image/"):
        return {"type": "image", "source": source}
    if kind == "text/plain":
        source = {"type": "text", "media_type": kind, "data": _decoded(source["data"], at)}
    elif kind != "application/pdf":
        raise unsupported(f"{at}.file_data", "this model reads PDF, plain text and images.")
    name = file.get("filename")
    return {"type": "document", "source": source, **({"title": name} if isinstance(name, str) else {})}


def _decoded(data: str, at: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise wrong_value(f"{at}.file_data", "base64 of a text in UTF-8") from None


def _thoughts(message: Mapping[str, Any]) -> Iterator[Json]:
    """Thoughts that Anthropic sealed, as LiteLLM has them (`thinking_blocks`) or OpenRouter (`reasoning_details`). Any
    other cannot be sent back."""
    notes = message.get("provider_specific_fields")
    blocks = message.get("thinking_blocks") or (notes.get("thinking_blocks") if isinstance(notes, dict) else None)
    if isinstance(blocks, list):
        for block in blocks:
            if isinstance(block, dict):
                yield from _sealed(block.get("thinking"), block.get("signature"), block.get("data"))
        return
    found: dict[object, Json] = {}
    details = message.get("reasoning_details")
    for n, detail in enumerate(details if isinstance(details, list) else ()):
        if isinstance(detail, dict) and str(detail.get("format") or THOUGHT_FORMAT).startswith("anthropic"):
            index, text = detail.get("index"), detail.get("text")
            known = found.setdefault(index if isinstance(index, int | str) else f"#{n}", {"text": ""})
            known["text"] += text if isinstance(text, str) else ""
            known |= {name: detail[name] for name in ("signature", "data") if detail.get(name)}
    for thought in found.values():
        yield from _sealed(thought["text"], thought.get("signature"), thought.get("data"))


def _sealed(text: object, signature: object, data: object) -> Iterator[Json]:
    if isinstance(data, str) and data:
        yield {"type": "redacted_thinking", "data": data}
    elif isinstance(text, str) and isinstance(signature, str) and signature:
        yield {"type": "thinking", "thinking": text, "signature": signature}


def _calls(message: Mapping[str, Any], at: str) -> Iterator[Json]:
    calls = message.get("tool_calls")
    for n, call in enumerate(objects_at(calls, f"{at}.tool_calls") if calls is not None else ()):
        where = f"{at}.tool_calls.{n}"
        function = object_at(call.get("function"), f"{where}.function")
        block = {
            "type": "tool_use",
            "id": call_id(text_at(call.get("id"), f"{where}.id")),
            "name": text_at(function.get("name"), f"{where}.function.name"),
            "input": _input(function.get("arguments")),
        }
        mark = call.get(CACHE_CONTROL)
        yield block if mark is None else {**block, CACHE_CONTROL: mark}


def _input(arguments: object) -> Json:
    """A call's arguments, which a model may have written as what is no JSON."""
    if not isinstance(arguments, str) or not arguments.strip():
        return {}
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"arguments": arguments}


def _result(message: Mapping[str, Any], at: str) -> Json:
    blocks = list(_parts(message.get("content"), f"{at}.content"))
    id = call_id(text_at(message.get("tool_call_id"), f"{at}.tool_call_id"))
    return {"type": "tool_result", "tool_use_id": id, **({"content": blocks} if blocks else {})}
