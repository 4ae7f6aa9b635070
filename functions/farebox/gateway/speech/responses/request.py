"""Writes a chat completion request as a request for a response, for upstreams that speak nothing else.

What has no equivalent and changes what is answered is refused by name (`n`, `stop`, sound, legacy functions); what only
steers how it is sampled is left out, and named.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from functions.farebox.gateway.speech.chat_alone import refuse, refuse_what_chat_alone_says
from functions.farebox.gateway.speech.responses.content import write_items
from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import MAX_NAMED, unsupported
from functions.farebox.request.responses import SEALS, check_response
from functions.farebox.request.values import object_at, objects_at, text_at

Json = dict[str, Any]

_ALIKE = (
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "temperature",
    "top_p",
    "user",
)
# What is written in other words, or says nothing here that is not so in any case.
_SAID = frozenset(
    {"messages", "tools", "tool_choice", "response_format", "verbosity", "reasoning_effort", "reasoning", "thinking"}
    | {"modalities", "store", "include_reasoning", "cache_control", *_ALIKE}
)
_CHOICES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
_NO_PARAMETERS: Json = {"type": "object", "properties": {}}
_EFFORTS = ((4_096, "low"), (16_384, "medium"))  # of budgets up to so many tokens


def response_form(chat: Checked) -> Checked:
    """The request for a response that means the same as a chat completion request. Its `dropped` names what was lost.
    Raises `InvalidRequest` for what has no equivalent."""
    fields = chat.fields
    _refuse(chat)
    lost = [name for name in fields if name not in _SAID]
    if chat.least is not None:
        lost.append("min_tokens")
    body: Json = {"model": chat.model, "input": write_items(fields["messages"])}
    body |= {name: fields[name] for name in _ALIKE if name in fields}
    body |= _tools(fields) | _text(fields) | _reasoning(fields)
    if "reasoning" in body:
        body["include"] = [SEALS]
    if chat.cap is not None:
        body["max_output_tokens"] = chat.cap
    if chat.stream:
        body["stream"] = True
    checked = check_response(body)
    return replace(checked, dropped=(*chat.dropped, *lost, *checked.dropped)[:MAX_NAMED])


def _refuse(chat: Checked) -> None:
    refuse_what_chat_alone_says(chat)
    refuse(chat, "stop", "this model knows no texts to stop at.")


def _tools(fields: Mapping[str, Any]) -> Json:
    tools = fields.get("tools")
    if not tools:
        return {}
    body: Json = {"tools": [_tool(tool, f"tools.{n}") for n, tool in enumerate(objects_at(tools, "tools"))]}
    choice = fields.get("tool_choice")
    return body if choice is None else {**body, "tool_choice": _choice(choice)}


def _tool(tool: Mapping[str, Any], at: str) -> Json:
    kind = tool.get("type", "function")
    if kind == "custom":
        custom = object_at(tool.get("custom"), f"{at}.custom")
        form = custom.get("format")
        if isinstance(form, dict) and isinstance(form.get("grammar"), dict):
            form = {"type": "grammar", **form["grammar"]}
        return {"type": "custom", **{name: value for name, value in custom.items() if name != "format"}} | (
            {} if form is None else {"format": form}
        )
    if kind != "function":
        raise unsupported(f"{at}.type", "offer this model functions and custom tools alone.")
    function = object_at(tool.get("function"), f"{at}.function")
    written: Json = {
        "type": "function",
        "name": text_at(function.get("name"), f"{at}.function.name"),
        "parameters": function.get("parameters") or _NO_PARAMETERS,
        "strict": bool(function.get("strict")),  # where nothing is said, Responses are strict, and chats are not
    }
    return written | ({"description": function["description"]} if function.get("description") else {})


def _choice(choice: object) -> object:
    if isinstance(choice, str) and choice in _CHOICES:
        return _CHOICES[choice]
    choice = object_at(choice, "tool_choice")
    kind = choice.get("type")
    if isinstance(kind, str) and kind in _CHOICES:
        return _CHOICES[kind]
    if kind == "allowed_tools":
        allowed = object_at(choice.get("allowed_tools"), "tool_choice.allowed_tools")
        tools = objects_at(allowed.get("tools"), "tool_choice.allowed_tools.tools")
        return {"type": kind, "mode": allowed.get("mode", "auto"), "tools": [_chosen(tool) for tool in tools]}
    return _chosen(choice)


def _chosen(choice: Mapping[str, Any]) -> Json:
    kind = "custom" if choice.get("type") == "custom" else "function"
    named = object_at(choice.get(kind), f"tool_choice.{kind}")
    return {"type": kind, "name": text_at(named.get("name"), f"tool_choice.{kind}.name")}


def _text(fields: Mapping[str, Any]) -> Json:
    text: Json = {"verbosity": fields["verbosity"]} if "verbosity" in fields else {}
    form = fields.get("response_format")
    if isinstance(form, dict) and form.get("type") == "json_schema":
        text["format"] = {"type": "json_schema", **object_at(form.get("json_schema"), "response_format.json_schema")}
    elif isinstance(form, dict):
        text["format"] = form
    return {"text": text} if text else {}


def _reasoning(fields: Mapping[str, Any]) -> Json:
    """How hard it is to think, and whether the client wants to be told of it."""
    asked, thinking = fields.get("reasoning") or {}, fields.get("thinking") or {}
    effort = fields.get("reasoning_effort") or asked.get("effort")
    budget = asked.get("max_tokens") or thinking.get("budget_tokens")
    if effort is None and budget:
        effort = next((word for most, word in _EFFORTS if budget <= most), "high")
    if thinking.get("type") == "disabled" or asked.get("enabled") is False or effort == "none":
        return {"reasoning": {"effort": "none"}} if effort == "none" else {}
    wants = asked.get("enabled") or thinking or fields.get("include_reasoning") or asked.get("summary")
    if effort is None and not wants:
        return {}
    reasoning = {"effort": effort} if effort is not None else {}
    return {"reasoning": reasoning | ({"summary": "auto"} if wants else {})}
