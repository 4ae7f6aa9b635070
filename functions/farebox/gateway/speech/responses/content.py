"""Writes the messages of a chat completion request as items of the Responses API: calls and their results apart from
what was said, thoughts that were sealed before both."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.gateway.speech.responses.words import THOUGHT_FORMAT
from functions.farebox.request.fate import unsupported
from functions.farebox.request.values import object_at, objects_at, text_at, wrong_value

Json = dict[str, Any]

_ROLES = ("user", "system", "developer")


def write_items(messages: list[Mapping[str, Any]]) -> list[Json]:
    """The items. Raises `InvalidRequest` for what has no equivalent."""
    items: list[Json] = []
    custom: set[str] = set()  # the ids of calls of custom tools, whose results are items of another type
    for n, message in enumerate(messages):
        at, role = f"messages.{n}", message["role"]
        if role in _ROLES:
            content = message.get("content")
            said = content if isinstance(content, str) else list(_parts(content, f"{at}.content"))
            items.append({"type": "message", "role": role, "content": said})
        elif role == "assistant":
            items += _thoughts(message)
            said = list(_said(message, at))
            if said:
                items.append({"type": "message", "role": role, "content": said})
            calls = list(_calls(message, at))
            custom |= {call["call_id"] for call in calls if call["type"] == "custom_tool_call"}
            items += calls
        elif role == "tool":
            items.append(_result(message, at, custom))
        else:
            raise wrong_value(f"{at}.role", "system, developer, user, assistant or tool")
    return items


def _parts(content: object, at: str) -> Iterator[Json]:
    for n, part in enumerate(objects_at(content, at) if content is not None else ()):
        yield _part(part, f"{at}.{n}")


def _part(part: Mapping[str, Any], at: str) -> Json:
    kind = part.get("type")
    if kind == "text":
        return {"type": "input_text", "text": text_at(part.get("text"), f"{at}.text")}
    if kind == "image_url":
        image = part.get("image_url")
        if isinstance(image, str):
            return {"type": "input_image", "image_url": image}
        image = object_at(image, f"{at}.image_url")
        detail = {"detail": image["detail"]} if image.get("detail") else {}
        return {"type": "input_image", "image_url": text_at(image.get("url"), f"{at}.image_url.url"), **detail}
    if kind == "file":
        file = object_at(part.get("file"), f"{at}.file")
        name = {"filename": file["filename"]} if file.get("filename") else {}
        return {"type": "input_file", "file_data": text_at(file.get("file_data"), f"{at}.file.file_data"), **name}
    raise unsupported(f"{at}.type", "a part of this type cannot be sent to this model.")


def _said(message: Mapping[str, Any], at: str) -> Iterator[Json]:
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    for n, part in enumerate(objects_at(content, f"{at}.content") if content is not None else ()):
        kind = part.get("type")
        if kind == "text":
            yield {"type": "output_text", "text": text_at(part.get("text"), f"{at}.content.{n}.text")}
        elif kind == "refusal":
            yield {"type": "refusal", "refusal": text_at(part.get("refusal"), f"{at}.content.{n}.refusal")}
        elif kind not in ("thinking", "reasoning"):
            raise unsupported(f"{at}.content.{n}.type", "a part of this type cannot be sent to this model.")
    if message.get("refusal"):
        yield {"type": "refusal", "refusal": text_at(message["refusal"], f"{at}.refusal")}


def _thoughts(message: Mapping[str, Any]) -> Iterator[Json]:
    """Thoughts that OpenAI sealed, as OpenRouter has them. Any other cannot be sent back."""
    details = message.get("reasoning_details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("format") == THOUGHT_FORMAT and detail.get("data"):
            id = {"id": detail["id"]} if detail.get("id") else {}
            yield {"type": "reasoning", **id, "summary": [], "encrypted_content": detail["data"]}


def _calls(message: Mapping[str, Any], at: str) -> Iterator[Json]:
    calls = message.get("tool_calls")
    for n, call in enumerate(objects_at(calls, f"{at}.tool_calls") if calls is not None else ()):
        where = f"{at}.tool_calls.{n}"
        head = {"call_id": text_at(call.get("id"), f"{where}.id")}
        if call.get("type") == "custom":
            custom = object_at(call.get("custom"), f"{where}.custom")
            name, text = text_at(custom.get("name"), f"{where}.custom.name"), custom.get("input")
            yield {"type": "custom_tool_call", **head, "name": name, "input": text_at(text, f"{where}.custom.input")}
            continue
        function = object_at(call.get("function"), f"{where}.function")
        name, arguments = text_at(function.get("name"), f"{where}.function.name"), function.get("arguments")
        yield {"type": "function_call", **head, "name": name, "arguments": arguments or "{}"}


def _result(message: Mapping[str, Any], at: str, custom: set[str]) -> Json:
    id, content = text_at(message.get("tool_call_id"), f"{at}.tool_call_id"), message.get("content")
    output = content if isinstance(content, str) else list(_parts(content, f"{at}.content"))
    kind = "custom_tool_call_output" if id in custom else "function_call_output"
    return {"type": kind, "call_id": id, "output": output or ""}
