"""Translates a request of the Responses API to a chat completion request."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.reading import malformed, object_at, objects_at, text_at, unsupported
from functions.farebox.dialects.responses.tools import called_name, function_arguments, read_tools, tool_choice

_ALIKE = (
    "model",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "service_tier",
)
_STORED = "Nothing is stored here: send the whole conversation in 'input', and leave this out."
_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
# What only the server that wrote it could read, and what declares tools.
_NOT_SAID = ("reasoning", "additional_tools")
_STATEFUL = {
    "background": "Responses in the background are not offered: nothing is stored here. Stream it instead.",
    "previous_response_id": _STORED,
    "conversation": _STORED,
    "prompt": "Stored prompts are not offered. Send the text in 'instructions' and 'input'.",
}


def chat_of(asked: Mapping[str, Any]) -> Json:
    """The chat completion request that means the same."""
    for name, why in _STATEFUL.items():
        if asked.get(name):
            raise unsupported(name, why)
    if asked.get("truncation") not in (None, "disabled"):
        raise unsupported("truncation", "Only truncation 'disabled' is offered: shorten the input yourself.")
    chat: Json = {name: asked[name] for name in _ALIKE if asked.get(name) is not None}
    chat["messages"] = [*_instructions(asked.get("instructions")), *_input(asked.get("input"))]
    if not chat["messages"]:
        raise malformed("input", "a text, or a list of items")
    if asked.get("max_output_tokens") is not None:
        chat["max_tokens"] = asked["max_output_tokens"]
    if asked.get("top_logprobs"):
        chat |= {"logprobs": True, "top_logprobs": asked["top_logprobs"]}
    if asked.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    return chat | _reasoning(asked.get("reasoning")) | _text(asked.get("text")) | _tools(asked)


def _instructions(instructions: object) -> list[Json]:
    if instructions is None:
        return []
    if not isinstance(instructions, str):
        raise malformed("instructions", "a text")
    return [{"role": "system", "content": instructions}]


def _input(given: object) -> list[Json]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    chat: list[Json] = []
    for n, item in enumerate(objects_at(given or [], "input")):
        at = f"input.{n}"
        kind = item.get("type", "message")
        if kind == "message":
            chat.append(_message(item, at))
        elif kind in _CALLS:
            _add_call(chat, item, at)
        elif kind in _OUTPUTS:
            call_id = text_at(item, "call_id", at)
            chat.append({"role": "tool", "tool_call_id": call_id, "content": _output(item.get("output"), at)})
        elif kind not in _NOT_SAID:
            raise unsupported(f"{at}.type", f"An item of type {kind!r} cannot be sent to this model.")
    return chat


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
    is_custom = item.get("type") == "custom_tool_call"
    arguments = function_arguments(text_at(item, "input", at)) if is_custom else text_at(item, "arguments", at)
    function = {"name": called_name(item, at), "arguments": arguments}
    call = {"id": text_at(item, "call_id", at), "type": "function", "function": function}
    if not chat or chat[-1]["role"] != "assistant":
        chat.append({"role": "assistant", "content": None})
    chat[-1].setdefault("tool_calls", []).append(call)


def _output(output: object, at: str) -> str:
    if isinstance(output, str):
        return output
    parts = [_part(part, f"{at}.output.{n}") for n, part in enumerate(objects_at(output, f"{at}.output"))]
    if any(part["type"] != "text" for part in parts):
        raise unsupported(f"{at}.output", "The output of a function can only be text.")
    return "".join(part["text"] for part in parts)


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
    chat: Json = {"tools": functions} if functions else {}
    if asked.get("tool_choice") is not None:
        chat["tool_choice"] = tool_choice(asked["tool_choice"])
    return chat
