"""Translates a chat completion to a response of the Responses API."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from functions.farebox.dialects.completion import (
    Delta,
    Finish,
    Noted,
    Origin,
    Report,
    Text,
    Thought,
    ToolCall,
    read_completion,
)
from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.notes import Notes, noted_id
from functions.farebox.dialects.responses.tools import SEARCH, Tool, Tools, custom_input, read_tools
from functions.farebox.gateway.json_object import read_object
from functions.farebox.tokens.usage.usage import Usage

# The type of an item, the field for what is called with, and what its id begins with.
_CALLS = {
    "function": ("function_call", "arguments", "fc"),
    "custom": ("custom_tool_call", "input", "ctc"),
    "tool_search": ("tool_search_call", "arguments", "tsc"),
}
NO_ARGUMENTS = "{}"  # clients parse what a function is called with: no text at all is no JSON
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}

# What a client may ask for and finds again in the answer, and what stands there if it did not.
_ECHOED: Json = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "user": None,
}


def response_of(completion: Mapping[str, Any], asked: Mapping[str, Any], key: bytes) -> Json:
    """The response; `key` as in `item_suffix`."""
    parts = list(read_completion(completion))
    response: Json = {}
    output: list[Json] = []
    reason = ""
    usage = None
    for part in parts:
        match part:
            case Origin():
                origin = part.known
                response = empty_response(origin, asked)
                output = _items(parts, item_suffix(origin, key), asked)
            case Finish():
                reason = part.reason
            case Report():
                usage = part.usage
    return finished(response, output, reason, usage)


def _items(parts: list[Delta], suffix: str, asked: Mapping[str, Any]) -> list[Json]:
    """What was thought, said and called."""
    output: list[Json] = []
    notes = Notes()
    _, tools = read_tools(asked)
    for part in parts:
        id = f"{suffix}_{len(output)}"
        match part:
            case Noted(said=said):
                notes.take(said)
            case Thought(text=text):
                item = reasoning_item(f"rs_{id}", "completed")
                output.append(complete_thought(item, text, notes, is_summary=wants_summary(asked)))
            case Text(text=text, is_refusal=is_refusal):
                if not output or output[-1]["type"] != "message":
                    output.append(message_item(f"msg_{id}", "completed"))
                output[-1]["content"].append(content_part(text, is_refusal=is_refusal))
            case ToolCall():
                if notes:  # of which nothing is shown, and that the model wants back with what the call comes to
                    output.append(complete_thought(reasoning_item(f"rs_{id}", "completed"), "", notes))
                item = call_item(f"{suffix}_{len(output)}", part, tools, "completed")
                output.append(complete_call(item, part.arguments))
    return output


def empty_response(origin: Origin, asked: Mapping[str, Any]) -> Json:
    """A response of which nothing has come yet."""
    echoed = {name: asked[name] if asked.get(name) is not None else other for name, other in _ECHOED.items()}
    reasoning = asked.get("reasoning") or {}
    return {
        **{name: value for name, value in echoed.items() if name != "user" or value is not None},
        "id": f"resp_{origin.id.removeprefix('chatcmpl-')}",
        "object": "response",
        "created_at": origin.created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": origin.model or asked["model"],
        "output": [],
        "previous_response_id": None,
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "tools": [_tool(tool) for tool in echoed["tools"]],
        "truncation": "disabled",  # whoever completes chats refuses a prompt that is too long
        "store": False,
    }


def finished(response: Json, output: list[Json], reason: str, usage: Usage | None) -> Json:
    """A response whose output is all there."""
    incomplete = INCOMPLETE.get(reason)
    if incomplete is not None:
        for item in output:
            item["status"] = "incomplete" if item is output[-1] else "completed"
    return {
        **response,
        "status": "completed" if incomplete is None else "incomplete",
        "incomplete_details": None if incomplete is None else {"reason": incomplete},
        "output": output,
        **({} if usage is None else {"usage": usage_json(usage)}),
    }


def item_suffix(origin: Origin, key: bytes) -> str:
    """What the ids of a response's items have in common. Clients refer to items by them, so who knows how an upstream
    counts its answers is not to guess them: they are the completion's by a hash with a key of 16 to 64 bytes."""
    return blake2b(f"{origin.id}\n{origin.created}".encode(), key=key, digest_size=12).hexdigest()


def message_item(id: str, status: str) -> Json:
    """A message in which nothing has been said yet."""
    return {"id": id, "type": "message", "role": "assistant", "status": status, "content": []}


def reasoning_item(id: str, status: str) -> Json:
    """What the model thought, of which there is nothing yet."""
    return {"id": id, "type": "reasoning", "status": status, "summary": [], "content": []}


def complete_thought(item: Json, text: str, notes: Notes, *, is_summary: bool = False) -> Json:
    """A thought with its words, where there are any, and the notes that it is sealed with."""
    if text:
        item["summary" if is_summary else "content"] = [thought_part(text, is_summary=is_summary)]
    if notes:
        item["encrypted_content"] = notes.sealed(text)
    return item


def wants_summary(asked: Mapping[str, Any]) -> bool:
    """Whether the client looks for thoughts among the summaries of them, as it does with OpenAI's."""
    return bool((asked.get("reasoning") or {}).get("summary"))


def thought_part(text: str, *, is_summary: bool) -> Json:
    """The words of it."""
    return {"type": "summary_text" if is_summary else "reasoning_text", "text": text}


def content_part(text: str, *, is_refusal: bool) -> Json:
    """A part of a message."""
    if is_refusal:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def call_item(suffix: str, call: ToolCall, tools: Tools, status: str) -> Json:
    """A call of a tool, as the tool was declared, without what it is called with."""
    tool = tools.get(call.name, Tool(call.name))
    kind, argument, prefix = _CALLS[tool.kind]
    item = {"id": f"{prefix}_{suffix}", "type": kind, "call_id": noted_id(call.id, call.notes)}
    if tool.kind == SEARCH:
        return {**item, "execution": "client", argument: {}, "status": status}
    item |= {"name": tool.name, argument: ""}
    if tool.namespace is not None:
        item["namespace"] = tool.namespace
    return {**item, "status": status}


def complete_call(item: Json, arguments: str) -> Json:
    """A call with what it is called with: the arguments of its function."""
    if item["type"] == "custom_tool_call":
        item["input"] = custom_input(arguments)
    elif item["type"] == "tool_search_call":
        item["arguments"] = read_object(arguments.encode()) or {}
    else:
        item["arguments"] = arguments or NO_ARGUMENTS
    return item


def usage_json(usage: Usage) -> Json:
    """The counts."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_writes,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }


def _tool(tool: Mapping[str, Any]) -> Json:
    """A tool as it was asked for, with the fields that every function of an answer has."""
    return {"strict": None, "parameters": None, **tool} if tool.get("type") == "function" else dict(tool)
