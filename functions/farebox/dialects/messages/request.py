"""Translates Anthropic's request to a chat completion request."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.messages.thinking import reasoning
from functions.farebox.dialects.messages.tools import TOOL_CHANGES, write_choice, write_tools
from functions.farebox.dialects.notes import is_sealed, read_id, restored
from functions.farebox.dialects.reading import malformed, object_at, objects_at, text_at, unsupported

_ALIKE = ("model", "max_tokens", "temperature", "top_p", "top_k")
_NOT_OFFERED = {
    "container": "Containers run on Anthropic's servers and are not offered here.",
    "mcp_servers": "MCP servers are called by Anthropic's servers. Call them yourself, and offer their tools.",
    "inference_geo": "Where a request is processed cannot be chosen here. Leave this out.",
}
_THOUGHTS = {"thinking": "signature", "redacted_thinking": "data"}  # and where each is sealed
_HEADS = ("title", "context")  # of a document
_STANDARD = (None, "auto", "standard_only")
# What Claude Code tells Anthropic's books by, at the head of the system prompt. It is another in each conversation, so
# that no cache would know a prompt that begins with it.
_BILLING = "x-anthropic-billing-header:"
MAX_USER_CHARS = 64  # OpenAI's, of `user` and `safety_identifier`


def chat_of(asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
    """The chat completion request that means the same. It is built from what is known here, and of nothing else: hints
    about Anthropic's own caches and context, without which an answer means the same, are left out. What an answer might
    have used is named in `lost`."""
    for name, why in _NOT_OFFERED.items():
        if asked.get(name):
            raise unsupported(name, why)
    if asked.get("speed") not in (None, "standard"):
        raise unsupported("speed", "Other speeds than 'standard' have no price here. Leave this out.")
    chat: Json = {name: asked[name] for name in _ALIKE if asked.get(name) is not None}
    chat["messages"] = [*_system(asked.get("system")), *_messages(asked["messages"])]
    if asked.get("stop_sequences"):
        chat["stop"] = asked["stop_sequences"]
    choice = None if asked.get("tool_choice") is None else object_at(asked["tool_choice"], "tool_choice")
    chosen = None if choice is None else choice.get("name")
    chat |= write_tools(asked.get("tools"), asked["messages"], [] if lost is None else lost, chosen)
    if choice is not None:
        written = write_choice(choice)
        chat |= written if "tools" in chat else {}
    if asked.get("service_tier") not in _STANDARD:
        chat["service_tier"] = asked["service_tier"]
    user = object_at(asked.get("metadata") or {}, "metadata").get("user_id")
    if user is not None:
        chat["user"] = _short(user)
    if asked.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    config = object_at(asked.get("output_config") or {}, "output_config")
    return chat | reasoning(asked.get("thinking"), config.get("effort")) | _format(config.get("format"))


def _short(user: str) -> str:
    """A user's name, or what stands for one that is longer than upstreams take: always the same."""
    return user if len(user) <= MAX_USER_CHARS else hashlib.sha256(user.encode()).hexdigest()


def _format(form: object) -> Json:
    """An answer that keeps to a schema. OpenAI wants a name for it."""
    if form is None:
        return {}
    form = object_at(form, "output_config.format")
    if form.get("type") != "json_schema":
        raise malformed("output_config.format.type", "json_schema")
    schema = object_at(form.get("schema"), "output_config.format.schema")
    return {
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
    }


def _system(system: object) -> list[Json]:
    if not system:
        return []
    blocks = [{"text": system}] if isinstance(system, str) else objects_at(system, "system")
    texts = [
        text_at(block, "text", f"system.{n}") for n, block in enumerate(blocks) if block.get("type") not in TOOL_CHANGES
    ]
    text = "\n\n".join(text for text in map(_unbilled, texts) if text)
    return [{"role": "system", "content": text}] if text else []


def _unbilled(text: str) -> str:
    return text.partition("\n")[2] if text.startswith(_BILLING) else text


def _messages(messages: list[Mapping[str, Any]]) -> list[Json]:
    chat: list[Json] = []
    for n, message in enumerate(messages):
        at = f"messages.{n}"
        role, content = message.get("role"), message.get("content")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        blocks = objects_at(content, f"{at}.content")
        if role == "user":
            chat += _user(blocks, f"{at}.content")
        elif role == "assistant":
            chat.append(_assistant(blocks, f"{at}.content"))
        elif role == "system":
            chat += _system(content)
        else:
            raise malformed(f"{at}.role", "user or assistant")
    return chat


def _user(blocks: list[Mapping[str, Any]], at: str) -> list[Json]:
    """Results of tools are messages of their own, which follow the calls at once; the rest is what the user says."""
    results: list[Json] = []
    parts: list[Json] = []
    for n, block in enumerate(blocks):
        if block.get("type") == "tool_result":
            text, media = _tool_result(block.get("content"), f"{at}.{n}.content")
            call_id, _ = read_id(text_at(block, "tool_use_id", f"{at}.{n}"))
            results.append({"role": "tool", "tool_call_id": call_id, "content": text})
            parts += media
        else:
            parts.append(_part(block, f"{at}.{n}"))
    return [*results, {"role": "user", "content": _plain(parts)}] if parts else results


def _tool_result(content: object, at: str) -> tuple[str, list[Json]]:
    """Its text, and its media, which a tool's message cannot hold."""
    if content is None or isinstance(content, str):
        return content or "", []
    parts = [_part(block, f"{at}.{n}") for n, block in enumerate(objects_at(content, at))]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    return "\n".join(texts), [part for part in parts if part["type"] != "text"]


def _assistant(blocks: list[Mapping[str, Any]], at: str) -> Json:
    """What the model said and called, with the notes that it wrote for itself. Thoughts that are signed by others are
    left out: no other vendor's model can take them back."""
    texts: list[str] = []
    calls: list[Json] = []
    seals: list[tuple[str, str]] = []
    for n, block in enumerate(blocks):
        kind = block.get("type")
        if kind == "text":
            texts.append(text_at(block, "text", f"{at}.{n}"))
        elif kind == "tool_use":
            arguments = orjson.dumps(object_at(block.get("input"), f"{at}.{n}.input")).decode()
            function = {"name": text_at(block, "name", f"{at}.{n}"), "arguments": arguments}
            id, notes = read_id(text_at(block, "id", f"{at}.{n}"))
            calls.append({"id": id, "type": "function", "function": function, **notes})
        elif kind in _THOUGHTS:
            if _is_note(block):
                seals.append((block[_THOUGHTS[kind]], str(block.get("thinking") or "")))
        else:
            raise unsupported(f"{at}.{n}.type", f"A block of type {kind!r} cannot be sent to this model.")
    message: Json = {"role": "assistant", "content": "".join(texts) or None, **restored(seals)}
    return {**message, "tool_calls": calls} if calls else message


def without_notes(asked: Mapping[str, Any]) -> Json:
    """The request without what was noted for models that answered before by way of a translation."""
    messages = []
    for message in asked["messages"]:
        content = message.get("content")
        if isinstance(content, list):
            content = [_without_note(block) for block in content if not _is_note(block)]
        if content or not message.get("content"):  # a message of nothing but notes is none
            messages.append({**message, "content": content})
    return {**asked, "messages": messages}


def _is_note(block: Mapping[str, Any]) -> bool:
    return is_sealed(block.get(_THOUGHTS.get(str(block.get("type")), "")))


def _without_note(block: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("id", "tool_use_id"):
        if isinstance(block.get(name), str):
            block = {**block, name: read_id(block[name])[0]}
    return block


def _part(block: Mapping[str, Any], at: str) -> Json:
    kind = block.get("type")
    if kind == "text":
        return {"type": "text", "text": text_at(block, "text", at)}
    if kind == "tool_reference":
        return {"type": "text", "text": f"The tool {text_at(block, 'tool_name', at)} can be called from here on."}
    if kind in ("image", "document"):
        source = object_at(block.get("source"), f"{at}.source")
        return _image(source, at) if kind == "image" else _document(source, block, at)
    if kind == "search_result":
        return _under(block, ("title", "source"), _texts_in(block.get("content"), f"{at}.content"), at)
    raise unsupported(f"{at}.type", f"A block of type {kind!r} cannot be sent to this model.")


def _image(source: Mapping[str, Any], at: str) -> Json:
    if source.get("type") == "base64":
        return {"type": "image_url", "image_url": {"url": _data_url(source, at)}}
    if source.get("type") == "url":
        return {"type": "image_url", "image_url": {"url": text_at(source, "url", f"{at}.source")}}
    raise unsupported(f"{at}.source.type", "Send an image as base64 or by its url; stored files are not offered.")


def _document(source: Mapping[str, Any], block: Mapping[str, Any], at: str) -> Json:
    if source.get("type") == "text":
        return _under(block, _HEADS, text_at(source, "data", f"{at}.source"), at)
    if source.get("type") == "content":
        return _under(block, _HEADS, _texts_in(source.get("content"), f"{at}.source.content"), at)
    if source.get("type") == "base64":
        name = text_at(block, "title", at) if block.get("title") is not None else ""
        return {"type": "file", "file": {"filename": name or "document.pdf", "file_data": _data_url(source, at)}}
    raise unsupported(f"{at}.source.type", "Send a document as base64 or text; stored files are not offered.")


def _under(block: Mapping[str, Any], heads: tuple[str, ...], text: str, at: str) -> Json:
    """A text below what a block says of it: a chat has no other place for that."""
    said = [text_at(block, name, at) for name in heads if block.get(name) is not None]
    return {"type": "text", "text": "\n\n".join([*said, text])}


def _texts_in(content: object, at: str) -> str:
    """What a document or a result of a search has in it, where that is nothing but texts."""
    if isinstance(content, str):
        return content
    parts = [_part(block, f"{at}.{n}") for n, block in enumerate(objects_at(content, at))]
    for n, part in enumerate(parts):
        if part["type"] != "text":
            raise unsupported(f"{at}.{n}.type", "Show this model images and files beside a document, not in it.")
    return "\n".join(part["text"] for part in parts)


def _data_url(source: Mapping[str, Any], at: str) -> str:
    media, data = text_at(source, "media_type", f"{at}.source"), text_at(source, "data", f"{at}.source")
    return f"data:{media};base64,{data}"


def _plain(parts: list[Json]) -> str | list[Json]:
    """One text as a text: some upstreams take nothing else from a model without eyes."""
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts
