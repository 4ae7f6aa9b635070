"""Translates a chat completion to Anthropic's message."""

from collections.abc import Mapping
from typing import Any

import orjson

from functions.farebox.dialects.completion import Finish, Origin, Report, Text, Thought, ToolCall, read_completion
from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.messages.thinking import wants_thoughts
from functions.farebox.tokens.usage.usage import Usage

STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def message_of(completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
    """The message."""
    message = empty_message("", str(asked["model"]))
    for part in read_completion(completion):
        match part:
            case Origin(model=model):
                message["id"] = message_id(part.known.id)
                message["model"] = model or message["model"]
            case Thought(text=text) if wants_thoughts(asked):
                message["content"].append({"type": "thinking", "thinking": text, "signature": ""})
            case Text(text=text, is_refusal=is_refusal):
                message["content"].append({"type": "text", "text": text})
                if is_refusal:
                    message["stop_reason"] = "refusal"
            case ToolCall(id=id, name=name, arguments=arguments):
                block = {"type": "tool_use", "id": id, "name": name, "input": _object(arguments)}
                message["content"].append(block)
            case Finish():
                message["stop_reason"] = message["stop_reason"] or stop_reason_of(part)
                message["stop_sequence"] = part.stop_sequence
            case Report(usage=usage):
                message["usage"] = usage_json(usage)
    return message


def empty_message(id: str, model: str) -> Json:
    """A message in which nothing has been said yet."""
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage_json(Usage()),
    }


def stop_reason_of(finish: Finish) -> str:
    """Why it ends, in Anthropic's word."""
    return "stop_sequence" if finish.stop_sequence else STOP_REASONS.get(finish.reason, "end_turn")


def message_id(completion_id: str) -> str:
    """The message's id: the completion's, in Anthropic's form."""
    return f"msg_{completion_id.removeprefix('chatcmpl-')}"


def usage_json(usage: Usage) -> Json:
    """The counts. Anthropic counts cached tokens beside the input, not in it."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens - usage.cache_writes,
        "cache_creation_input_tokens": usage.cache_writes,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


def _object(arguments: str) -> Any:
    """A call's arguments. A model may write what is no JSON, or be cut off; that is then what the caller sees."""
    try:
        return orjson.loads(arguments) if arguments else {}
    except orjson.JSONDecodeError:
        return {"arguments": arguments}
