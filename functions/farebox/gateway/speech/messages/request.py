"""Writes a chat completion request in Anthropic's words, so that its models are reached with their caches and thoughts.

What has no equivalent and changes what is answered is refused by name (`n`, sound, tools that another vendor runs);
what only steers how it is sampled or kept is left out, and named.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from functions.farebox.gateway.speech.chat_alone import refuse_what_chat_alone_says
from functions.farebox.gateway.speech.messages.content import write_messages
from functions.farebox.gateway.speech.messages.models import Ways
from functions.farebox.gateway.speech.messages.thinking import write_thinking
from functions.farebox.request.bounds import LIST_PRICE_TIERS
from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import MAX_NAMED, unsupported
from functions.farebox.request.messages import check_prompt
from functions.farebox.request.values import CACHE_CONTROL, object_at, objects_at, text_at

Json = dict[str, Any]

# What is written in other words, or says nothing here that is not so in any case.
_SAID = frozenset(
    {"messages", "tools", "tool_choice", "parallel_tool_calls", "stop", "user", "safety_identifier", "temperature"}
    | {"top_p", "top_k", "response_format", "reasoning_effort", "reasoning", "thinking", "service_tier", CACHE_CONTROL}
    | {"modalities", "store", "include_reasoning"}
)
_CHOICES = {"auto": "auto", "none": "none", "required": "any", "any": "any"}
_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}


def message_form(chat: Checked, ways: Ways) -> Checked:
    """The request for a message that means the same as a chat completion request, for a model of such ways. Its
    `dropped` names what was lost. Raises `InvalidRequest` for what has no equivalent."""
    fields = chat.fields
    _refuse(chat)
    lost = [name for name in fields if name not in _SAID]
    if chat.least is not None:
        lost.append("min_tokens")
    system, turns = write_messages(fields["messages"])
    body: Json = {"model": chat.model, "messages": turns}
    if system:
        body["system"] = system
    if chat.cap is not None:
        body["max_tokens"] = chat.cap
    body |= _tools(fields, lost)
    form = _format(fields.get("response_format"), lost)
    thinking, effort = write_thinking(fields, chat.cap, ways, turns)
    if not thinking:
        lost += [name for name in ("reasoning_effort", "reasoning", "thinking") if fields.get(name)]
    if form or effort:
        body["output_config"] = {**form, **effort}
    body |= thinking | _sampling(fields, ways, lost, thinks=bool(thinking))
    body |= _others(fields)
    if chat.stream:
        body["stream"] = True
    checked = check_prompt(body)
    return replace(checked, dropped=(*chat.dropped, *lost, *checked.dropped)[:MAX_NAMED])


def _refuse(chat: Checked) -> None:
    refuse_what_chat_alone_says(chat)
    if chat.fields.get("service_tier", "auto") not in LIST_PRICE_TIERS:
        raise unsupported("service_tier", "this model is served in its standard tier alone.")


def _tools(fields: Mapping[str, Any], lost: list[str]) -> Json:
    tools = fields.get("tools")
    if not tools:
        return {}
    body: Json = {"tools": [_tool(tool, f"tools.{n}", lost) for n, tool in enumerate(objects_at(tools, "tools"))]}
    choice = _choice(fields.get("tool_choice"))
    if fields.get("parallel_tool_calls") is False:
        choice = choice or {"type": "auto"}
        if choice["type"] != "none":
            choice["disable_parallel_tool_use"] = True
    return body if choice is None else {**body, "tool_choice": choice}


def _tool(tool: Mapping[str, Any], at: str, lost: list[str]) -> Json:
    if tool.get("type", "function") != "function":
        raise unsupported(f"{at}.type", "offer this model functions alone.")
    function = object_at(tool.get("function"), f"{at}.function")
    schema = function.get("parameters") or _NO_PARAMETERS
    written: Json = {
        "name": text_at(function.get("name"), f"{at}.function.name"),
        "input_schema": {"type": "object", **object_at(schema, f"{at}.function.parameters")},
    }
    if function.get("description"):
        written["description"] = function["description"]
    if function.get("strict") and "tools.strict" not in lost:
        lost.append("tools.strict")  # only the newest models know it
    mark = tool.get(CACHE_CONTROL) or function.get(CACHE_CONTROL)
    return written if mark is None else {**written, CACHE_CONTROL: mark}


def _choice(choice: object) -> Json | None:
    if choice is None:
        return None
    if isinstance(choice, str) and choice in _CHOICES:
        return {"type": _CHOICES[choice]}
    if isinstance(choice, dict):
        kind = choice.get("type")
        if isinstance(kind, str) and kind in _CHOICES:
            return {"type": _CHOICES[kind]}
        function = choice.get("function")
        if isinstance(function, dict):
            return {"type": "tool", "name": text_at(function.get("name"), "tool_choice.function.name")}
    raise unsupported("tool_choice", "write auto, none, required, or one function.")


def _format(form: object, lost: list[str]) -> Json:
    if not isinstance(form, dict) or form.get("type") == "text":
        return {}
    if form.get("type") != "json_schema":
        lost.append("response_format")
        return {}
    schema = object_at(object_at(form.get("json_schema"), "response_format.json_schema").get("schema"), "schema")
    return {"format": {"type": "json_schema", "schema": schema}}


def _sampling(fields: Mapping[str, Any], ways: Ways, lost: list[str], *, thinks: bool) -> Json:
    """A model that thinks takes none, and neither do the newest; Anthropic's temperature ends at 1."""
    asked = {name: fields[name] for name in ("temperature", "top_p", "top_k") if name in fields}
    if thinks or ways.sampling == "none":
        lost += asked
        return {}
    if ways.sampling == "one" and "temperature" in asked and asked.pop("top_p", None) is not None:
        lost.append("top_p")
    if "temperature" in asked:
        asked["temperature"] = min(asked["temperature"], 1)
    return asked


def _others(fields: Mapping[str, Any]) -> Json:
    body: Json = {}
    stops = fields.get("stop")
    kept = [stop for stop in ([stops] if isinstance(stops, str) else stops or ()) if stop.strip()]
    if kept:
        body["stop_sequences"] = kept
    user = fields.get("safety_identifier") or fields.get("user")
    if user:
        body["metadata"] = {"user_id": user}
    if fields.get(CACHE_CONTROL):
        body[CACHE_CONTROL] = fields[CACHE_CONTROL]
    return body
