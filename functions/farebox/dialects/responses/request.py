"""Translates a request of the Responses API to a chat completion request."""

from collections.abc import Mapping
from typing import Any

import orjson

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.notes import is_sealed, read_id, restored
from functions.farebox.dialects.reading import malformed, object_at, objects_at, text_at, unsupported
from functions.farebox.dialects.responses.tools import (
    SEARCH,
    called_name,
    choose,
    found_tools,
    function_arguments,
    lost_tools,
    read_tools,
)
from functions.farebox.request.responses import SEALS

_ALIKE = (
    "model",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "service_tier",
)
_STORED = "Nothing is stored here: send the whole conversation in 'input', and leave this out."
_CALLS = ("function_call", "custom_tool_call", "tool_search_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output", "tool_search_output")
# What declares tools, and what only the server that wrote it could read.
_REASONING = ("generate_summary", "context", "mode")  # what of it has no equivalent
_DECLARATIONS = ("additional_tools",)
_NOT_SAID = "web_search_call"
_SHOWN = "It is in the next message."
_STATEFUL = {
    "background": "Responses in the background are not offered: nothing is stored here. Stream it instead.",
    "previous_response_id": _STORED,
    "conversation": _STORED,
    "prompt": "Stored prompts are not offered. Send the text in 'instructions' and 'input'.",
}


def chat_of(asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
    """The chat completion request that means the same. `lost` is given the names of what it does not say."""
    for name, why in _STATEFUL.items():
        if asked.get(name):
            raise unsupported(name, why)
    lost = [] if lost is None else lost
    lost += _lost(asked)
    chat: Json = {name: asked[name] for name in _ALIKE if asked.get(name) is not None}
    chat["messages"] = [*_instructions(asked.get("instructions")), *_input(asked.get("input"), lost)]
    if not chat["messages"]:
        raise malformed("input", "a text, or a list of items")
    if asked.get("max_output_tokens") is not None:
        chat["max_tokens"] = asked["max_output_tokens"]
    if asked.get("top_logprobs"):
        chat |= {"logprobs": True, "top_logprobs": asked["top_logprobs"]}
    if asked.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    chat |= _reasoning(asked.get("reasoning")) | _text(asked.get("text")) | _tools(asked)
    if "tools" not in chat:
        chat.pop("parallel_tool_calls", None)
    return chat


def _lost(asked: Mapping[str, Any]) -> list[str]:
    """The names of fields, and of tools, that a chat has no words for."""
    lost = ["truncation"] if asked.get("truncation") == "auto" else []
    if set(asked.get("include") or ()) - {SEALS}:
        lost.append("include")
    lost += [name for name in ("context_management", "client_metadata") if asked.get(name)]
    reasoning = object_at(asked.get("reasoning") or {}, "reasoning")
    lost += [f"reasoning.{name}" for name in _REASONING if reasoning.get(name) is not None]
    return lost + lost_tools(asked)


def _instructions(instructions: object) -> list[Json]:
    if instructions is None:
        return []
    if not isinstance(instructions, str):
        raise malformed("instructions", "a text")
    return [{"role": "system", "content": instructions}]


def _input(given: object, lost: list[str]) -> list[Json]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    chat: list[Json] = []
    shown: list[Json] = []  # what the outputs of calls have beside their texts: only a user can show it
    seals: list[tuple[str, str]] = []  # of thoughts that belong to what the assistant does next, with their words
    for n, item in enumerate(objects_at(given or [], "input")):
        at = f"input.{n}"
        kind = item.get("type", "message")
        if _is_note(item):
            seals.append((item["encrypted_content"], _thought(item)))
        elif kind in ("reasoning", _NOT_SAID):
            lost.append(at)
        elif kind in _OUTPUTS and not _was_at_vendor(item):
            chat.append(_output(item, at, shown))
        elif kind not in _DECLARATIONS and not _was_at_vendor(item):
            _show(chat, shown)
            if kind == "message":
                chat.append(_message(item, at))
            elif kind in _CALLS:
                _add_call(chat, item, at)
            else:
                raise unsupported(f"{at}.type", f"An item of type {kind!r} cannot be sent to this model.")
            if chat[-1]["role"] == "assistant":
                chat[-1] |= restored(seals)
            seals.clear()
    _show(chat, shown)
    return chat


def _thought(item: Mapping[str, Any]) -> str:
    """The words of a thought."""
    held = [item.get(name) for name in ("summary", "content")]
    parts = [part for parts in held if isinstance(parts, list) for part in parts if isinstance(part, Mapping)]
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def without_notes(asked: Mapping[str, Any]) -> Json:
    """A request without thoughts that were sealed here, and without what is noted in the ids of calls: nothing to who
    speaks Responses itself."""
    given = asked.get("input")
    if not isinstance(given, list):
        return dict(asked)
    return {**asked, "input": [_without_noted_id(item) for item in given if not _is_note(item)]}


def _is_note(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "reasoning" and is_sealed(item.get("encrypted_content"))


def _without_noted_id(item: Mapping[str, Any]) -> Mapping[str, Any]:
    id = item.get("call_id")
    return {**item, "call_id": read_id(id)[0]} if isinstance(id, str) else item


def _was_at_vendor(item: Mapping[str, Any]) -> bool:
    """Whether OpenAI searched for tools: all that there are is offered in any case."""
    return item.get("type") in (f"{SEARCH}_call", f"{SEARCH}_output") and item.get("execution") != "client"


def _show(chat: list[Json], shown: list[Json]) -> None:
    """Add what is to be shown."""
    if shown:
        chat.append({"role": "user", "content": shown.copy()})
        shown.clear()


def _message(item: Mapping[str, Any], at: str) -> Json:
    role, content = item.get("role"), item.get("content")
    if role not in ("user", "assistant", "system", "developer"):
        raise malformed(f"{at}.role", "user, assistant, system or developer")
    if isinstance(content, str):
        return {"role": role, "content": content}
    parts = [_part(part, f"{at}.content.{n}") for n, part in enumerate(objects_at(content, f"{at}.content"))]
    if all(part["type"] == "text" for part in parts):
        return {"role": role, "content": "".join(part["text"] for part in parts)}
    return {"role": role, "content": parts}


def _part(part: Mapping[str, Any], at: str) -> Json:
    kind = part.get("type")
    if kind in ("input_text", "output_text"):
        return {"type": "text", "text": text_at(part, "text", at)}
    if kind == "refusal":
        return {"type": "text", "text": text_at(part, "refusal", at)}
    if kind == "input_image" and part.get("image_url"):
        image: Json = {"url": text_at(part, "image_url", at)}
        if part.get("detail"):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}
    if kind == "input_file" and part.get("file_data"):
        name = part.get("filename") or "file"
        return {"type": "file", "file": {"filename": name, "file_data": text_at(part, "file_data", at)}}
    if kind == "input_audio":
        return {"type": "input_audio", "input_audio": object_at(part.get("input_audio"), at)}
    raise unsupported(
        f"{at}.type", f"A part of type {kind!r} cannot be sent so; send what it holds, not its stored id."
    )


def _add_call(chat: list[Json], item: Mapping[str, Any], at: str) -> None:
    """A call belongs to the message of the assistant that made it, beside the calls it made with it."""
    function = {"name": called_name(item, at), "arguments": _arguments(item, at)}
    id, notes = read_id(text_at(item, "call_id", at))
    call = {"id": id, "type": "function", "function": function, **notes}
    if not chat or chat[-1]["role"] != "assistant":
        chat.append({"role": "assistant", "content": None})
    chat[-1].setdefault("tool_calls", []).append(call)


def _arguments(item: Mapping[str, Any], at: str) -> str:
    kind = item.get("type")
    if kind == "custom_tool_call":
        return function_arguments(text_at(item, "input", at))
    if kind == f"{SEARCH}_call":
        return orjson.dumps(object_at(item.get("arguments"), f"{at}.arguments")).decode()
    return text_at(item, "arguments", at)


def _output(item: Mapping[str, Any], at: str, shown: list[Json]) -> Json:
    """What a call came to. Its text is a tool's message; what else it has is added to what is to be shown."""
    output, (call_id, _) = item.get("output"), read_id(text_at(item, "call_id", at))
    if item.get("type") == f"{SEARCH}_output":
        text = found_tools(item, at)
    elif isinstance(output, str):
        text = output
    else:
        parts = [_part(part, f"{at}.output.{n}") for n, part in enumerate(objects_at(output, f"{at}.output"))]
        text = "".join(part["text"] for part in parts if part["type"] == "text")
        others = [part for part in parts if part["type"] != "text"]
        if others:
            shown += [{"type": "text", "text": f"What {call_id} came to:"}, *others]
            text = text or _SHOWN
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def _reasoning(reasoning: object) -> Json:
    effort = object_at(reasoning or {}, "reasoning").get("effort")
    return {} if effort is None else {"reasoning_effort": effort}


def _text(text: object) -> Json:
    text = object_at(text or {}, "text")
    chat: Json = {} if text.get("verbosity") is None else {"verbosity": text["verbosity"]}
    form = object_at(text.get("format") or {}, "text.format")
    kind = form.get("type", "text")
    if kind == "json_schema":
        schema = {
            name: form[name] for name in ("name", "description", "schema", "strict") if form.get(name) is not None
        }
        chat["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif kind == "json_object":
        chat["response_format"] = {"type": "json_object"}
    elif kind != "text":
        raise malformed("text.format.type", "text, json_object or json_schema")
    return chat


def _tools(asked: Mapping[str, Any]) -> Json:
    functions, _ = read_tools(asked)
    choice = asked.get("tool_choice")
    if not functions:
        return {} if choice in (None, "auto", "none") else choose(choice, functions)
    return {"tools": functions} if choice is None else choose(choice, functions)
