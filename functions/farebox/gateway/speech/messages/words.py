"""Words of Anthropic's answers, and what they are called in chat completions."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.farebox.tokens.hosted_tools import priced_as

# https://docs.anthropic.com/en/api/handling-stop-reasons
FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
SERVER_CALL = "server_tool_use"  # of a tool that the vendor runs: generated, and nobody's to answer
KNOWN = frozenset(  # the types of events
    {
        *("message_start", "message_delta", "message_stop", "ping", "error"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
    }
)
ENDINGS = ("message_delta", "message_stop")  # events that tell how a message ended
_FOUND, _SEARCH = "web_search_tool_result", "web_search_call"
_METRICS = "amazon-bedrock-invocationMetrics"
_COUNTS_OF_METRICS = {
    "inputTokenCount": "input_tokens",
    "outputTokenCount": "output_tokens",
    "cacheReadInputTokenCount": "cache_read_input_tokens",
    "cacheWriteInputTokenCount": "cache_creation_input_tokens",
}
_MARKS = ("type", "index")
THOUGHT_FORMAT = "anthropic-claude-v1"


def completion_id(message_id: object) -> str:
    """A completion's id: the message's, in OpenAI's form."""
    return f"chatcmpl-{str(message_id or '').removeprefix('msg_')}"


def detail(
    index: int, *, text: str | None = None, signature: str | None = None, data: str | None = None
) -> dict[str, Any]:
    """A thought as OpenRouter writes it in `reasoning_details`: a text and its signature, or one that is sealed."""
    told = {"text": text, "signature": signature, "data": data}
    return {
        "type": "reasoning.text" if data is None else "reasoning.encrypted",
        **{name: value for name, value in told.items() if value is not None},
        "format": THOUGHT_FORMAT,
        "index": index,
    }


def step(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The call of a tool that ran at the vendor, if a block tells of one that is billed, as an item of Responses. Of a
    search it is what was found: one that failed is not billed, and finds an error."""
    kind, name = block.get("type"), block.get("name")
    if kind == _FOUND:
        return [{"type": _SEARCH}] if isinstance(block.get("content"), list) else []
    is_call = kind == SERVER_CALL and isinstance(name, str) and priced_as(name) not in (None, "search")
    return [{"type": f"{name}_call"}] if is_call else []


def others(held: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What has no name in chat completions, without the marks of the protocol: it came, and is counted as all text
    is."""
    said = [{name: value for name, value in each.items() if name not in _MARKS and value} for each in held]
    items = [each for each in said if each]
    return {"items": items} if items else {}


def unseen(signature: str) -> dict[str, Any]:
    """A thought of which nothing but its signature is told: that holds it, sealed."""
    return {"items": [{"encrypted_content": signature}]}


def cited(block: Mapping[str, Any]) -> dict[str, Any]:
    """What a text quotes, where it comes with the text and not in deltas of its own: counted as it is there."""
    quoted = block.get("citations")
    items = [{"citation": each} for each in quoted if each] if isinstance(quoted, list) else []
    return {"items": items} if items else {}


def told_usage(ending: Mapping[str, Any]) -> object:
    """What an event that ends a message tells of the usage: some servers tell it in the last one alone, Bedrock in
    words of its own
    (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html)."""
    usage, metrics = ending.get("usage"), ending.get(_METRICS)
    if usage is not None or not isinstance(metrics, dict):
        return usage
    return {name: metrics[theirs] for theirs, name in _COUNTS_OF_METRICS.items() if theirs in metrics}
