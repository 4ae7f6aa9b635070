"""Translates a chat completion to Anthropic's message."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

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
from functions.farebox.dialects.messages.thinking import wants_thoughts
from functions.farebox.dialects.notes import Notes, noted_id
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
    parts = list(read_completion(completion))
    message = empty_message("", str(asked["model"]))
    message["content"] = list(_blocks(parts, wants=wants_thoughts(asked)))
    if any(isinstance(part, Text) and part.is_refusal for part in parts):
        message["stop_reason"] = "refusal"
    for part in parts:
        match part:
            case Origin(model=model):
                message["id"] = message_id(part.known.id)
                message["model"] = model or message["model"]
            case Finish():
                message["stop_reason"] = message["stop_reason"] or stop_reason_of(part)
                message["stop_sequence"] = part.stop_sequence
            case Report(usage=usage):
                message["usage"] = usage_json(usage)
    return message


def _blocks(parts: list[Delta], *, wants: bool) -> Iterator[Json]:
    """What was thought, where that is wanted, said and called. What the model noted is sealed in its thoughts; where
    none are shown, it is hidden before what comes next, if that is a call whose result it will want it with."""
    notes = Notes()
    for part in parts:
        match part:
            case Noted(said=said):
                notes.take(said)
            case Thought(text=text) if wants:
                yield {"type": "thinking", "thinking": text, "signature": notes.sealed(text)}
            case Text(text=text):
                if notes and wants:
                    yield hidden(notes)
                yield {"type": "text", "text": text}
            case ToolCall():
                if notes:
                    yield hidden(notes)
                id, input = noted_id(part.id, part.notes), _object(part.arguments)
                yield {"type": "tool_use", "id": id, "name": part.name, "input": input}


def hidden(notes: Notes) -> Json:
    """A block that shows nothing of what it holds, and that clients send back as it is."""
    return {"type": "redacted_thinking", "data": notes.sealed("")}


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
