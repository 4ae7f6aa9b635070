"""What a scripted model hears of a request, in whichever dialect: the tools it is offered, what it called and what that
came to, the images it is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Dialect = Literal["chat", "messages", "responses"]
DIALECT_OF: dict[str, Dialect] = {
    "/v1/chat/completions": "chat",
    "/v1/messages": "messages",
    "/v1/responses": "responses",
}

_IMAGES = ("image_url", "image", "input_image")
_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
Json = Mapping[str, Any]


@dataclass
class Heard:
    """One request. `steps` are the answers of this turn of the user's that called tools; `results` what all calls came
    to, as text, by the id of the call; `tools` the tools by name, each as it was declared; `said` what the user said
    last."""

    dialect: Dialect
    model: str
    tools: dict[str, Json] = field(default_factory=dict)
    steps: int = 0
    calls: list[str] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    thoughts: int = 0
    said: str = ""

    @property
    def fault(self) -> str | None:
        """What any vendor would refuse: a call without its result, a result without its call."""
        odd = set(self.calls) ^ self.results.keys()
        return f"calls and their results do not match: {sorted(odd)}" if odd else None


def hear(dialect: Dialect, body: Json) -> Heard:
    """A request."""
    heard = Heard(dialect, body["model"])
    {"chat": _hear_chat, "messages": _hear_message, "responses": _hear_response}[dialect](heard, body)
    return heard


def _hear_chat(heard: Heard, body: Json) -> None:
    for tool in body.get("tools", ()):
        declared = tool.get("function") or tool.get("custom") or {}
        heard.tools[declared["name"]] = tool
    before = ""
    for message in body["messages"]:
        role, content = message["role"], message.get("content")
        _see(heard, content)
        if role == "user" and not (before == "tool" and _shows(content)):  # else it shows what a call came to
            _say(heard, content)
        elif role == "tool":
            heard.results[message["tool_call_id"]] = text_of(content)
        elif role == "assistant":
            heard.thoughts += bool(message.get("reasoning_content") or message.get("reasoning_details"))
            calls = [call["id"] for call in message.get("tool_calls") or ()]
            heard.calls += calls
            heard.steps += bool(calls)
        before = role


def _hear_message(heard: Heard, body: Json) -> None:
    heard.tools = {tool["name"]: tool for tool in body.get("tools", ())}
    for message in body["messages"]:
        blocks = _parts(message["content"])
        _see(heard, blocks)
        results = [block for block in blocks if block["type"] == "tool_result"]
        for block in results:
            _see(heard, block.get("content"))
            heard.results[block["tool_use_id"]] = text_of(block.get("content"))
        if message["role"] == "user" and not results:
            _say(heard, blocks)
        calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
        heard.calls += calls
        heard.steps += bool(calls)
        heard.thoughts += any(block["type"] in ("thinking", "redacted_thinking") for block in blocks)


def _hear_response(heard: Heard, body: Json) -> None:
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    heard.tools = dict(_declared(body.get("tools", ()), ""))
    was_call = False
    for item in items:
        kind = item.get("type", "message")
        if kind == "additional_tools":
            heard.tools |= dict(_declared(item["tools"], ""))
        elif kind in _CALLS:
            heard.calls.append(item["call_id"])
            heard.steps += not was_call
        elif kind in _OUTPUTS:
            _see(heard, item["output"])
            heard.results[item["call_id"]] = text_of(item["output"])
        elif kind == "reasoning":
            heard.thoughts += 1
        elif kind == "message":
            _see(heard, item["content"])
            if item["role"] == "user":
                _say(heard, item["content"])
        was_call = kind in _CALLS


def _declared(tools: Any, namespace: str) -> Iterator[tuple[str, Json]]:
    for tool in tools:
        if tool["type"] == "namespace":
            yield from _declared(tool["tools"], tool["name"])
        else:
            yield tool.get("name", tool["type"]), {**tool, "namespace": namespace or None}


def _say(heard: Heard, content: Any) -> None:
    """The user speaks: a turn begins."""
    text = text_of(content)
    if text:
        heard.said = text
        heard.steps = 0


def _shows(content: Any) -> bool:
    return any(part["type"] in _IMAGES for part in _parts(content))


def _see(heard: Heard, content: Any) -> None:
    for part in _parts(content):
        if part["type"] in _IMAGES:
            heard.images.append(_media_type(part))


def _media_type(part: Json) -> str:
    if part["type"] == "image":
        return str(part["source"].get("media_type", part["source"]["type"]))
    url = part["image_url"]
    address = url if isinstance(url, str) else url["url"]
    return str(address).removeprefix("data:").partition(";")[0]


def text_of(content: Any) -> str:
    """The texts of a content."""
    return "".join(str(part["text"]) for part in _parts(content) if "text" in part)


def _parts(content: Any) -> list[Json]:
    if content is None:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
