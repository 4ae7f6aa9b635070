"""Reads a chat completion's first choice, whole or as deltas. Upstreams differ; what is malformed counts as absent."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from functions.farebox.dialects.notes import CALL_NOTES, NOTES
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.transcript import choices_of
from functions.farebox.kit.ids import Ids
from functions.farebox.tokens.usage.places import usage_in
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import Usage

_ids = Ids()


@dataclass(frozen=True, slots=True)
class Origin:
    """Which completion this is. `created` is Unix time; `model` the public name of the model that answered. Some are
    told without an id or a time, or only later, as by Azure's first chunk: `known` has both."""

    id: str
    model: str
    created: int

    @property
    def known(self) -> "Origin":
        """The same with an id and a time, of our own where there were none."""
        return Origin(self.id or _ids.new(), self.model, self.created or int(time.time()))


@dataclass(frozen=True, slots=True)
class Text:
    """More of the answer; `is_refusal`: of its reasons not to give one."""

    text: str
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thought before it answered, where the upstream tells it."""

    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What the model wants back with the results of its tools, by the fields of a message (`notes`)."""

    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """More of a call of a tool. `id`, `name` and `notes`, fields of a call that the model wants back, come with its
    beginning; the rest is a piece of its arguments."""

    index: int
    id: str
    name: str
    arguments: str
    notes: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def continues(self, begun: object) -> bool:
        """Whether this is more of a call that has begun. Some servers number all of an answer's calls 0, so that an id
        of its own begins another."""
        return isinstance(begun, ToolCall) and begun.index == self.index and self.id in ("", begun.id)


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the answer ends here: `stop`, `length`, `tool_calls`, `content_filter`. `stop_sequence` is the one that was
    met, where the upstream tells it."""

    reason: str
    stop_sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was used. `charge` is Farebox's own note on it, `{cost_usd, balance_usd}`."""

    usage: Usage
    charge: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Failure:
    """The stream broke: `{message, type, param, code}`."""

    error: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more comes."""


# Parts of a content that are thought and not said, and the fields that their words may be in.
_THOUGHTS = ("thinking", "reasoning", "reasoning_text", "summary_text", "thought")
_WORDS = ("thinking", "text", "reasoning", "summary", "content")

Delta = Origin | Noted | Thought | Text | ToolCall | Finish | Report | Failure | Done


def read_completion(completion: Mapping[str, Any]) -> Iterator[Delta]:
    """The parts of a whole completion."""
    yield origin_of(completion)
    yield from _choice_parts(completion, "message")
    yield from _report(completion, usage_in(completion))


def read_block(block: bytes) -> Iterator[Delta]:
    """The parts of a block of whole events."""
    for event in split(block):
        data = data_of(event)
        if data == b"[DONE]":
            yield Done()
            continue
        chunk = read_object(data) if data else None
        if chunk is None:
            continue
        if isinstance(chunk.get("error"), Mapping):
            yield Failure(chunk["error"])
            continue
        yield origin_of(chunk)
        yield from _choice_parts(chunk, "delta")
        yield from _report(chunk, read_usage(chunk.get("usage")))  # a relayed stream has it nowhere else


def origin_of(completion: Mapping[str, Any]) -> Origin:
    """Which completion this is, or this is a chunk of."""
    created = completion.get("created")
    return Origin(_text(completion, "id"), _text(completion, "model"), created if type(created) is int else 0)


def _choice_parts(completion: Mapping[str, Any], holder: str) -> Iterator[Delta]:
    for index, choice in choices_of(completion):
        if index != 0:
            continue
        said = choice.get(holder)
        if isinstance(said, Mapping):
            yield from _said(said)
        if reason := _text(choice, "finish_reason"):
            yield Finish(reason, _text(choice, "stop_reason") or None)  # vLLM's field


def text_of(said: object) -> str:
    """What a message says to its reader, or a delta of one: without thoughts and calls."""
    parts = _said(said) if isinstance(said, Mapping) else ()
    return "".join(part.text for part in parts if isinstance(part, Text))


def _said(said: Mapping[str, Any]) -> Iterator[Delta]:
    """What is noted comes before what is said. A thought is in `reasoning_content` with DeepSeek, LiteLLM and vLLM, in
    `reasoning` with Ollama, OpenRouter and newer vLLM."""
    if noted := {name: said[name] for name in NOTES if said.get(name)}:
        yield Noted(noted)
    if thought := _words(said.get("reasoning_content")) or _words(said.get("reasoning")):
        yield Thought(thought)
    yield from _content(said.get("content"))
    if refusal := _text(said, "refusal"):
        yield Text(refusal, is_refusal=True)
    calls = said.get("tool_calls")
    for position, call in enumerate(calls if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            index = call["index"] if type(call.get("index")) is int else position
            notes = {name: call[name] for name in CALL_NOTES if call.get(name)}
            yield ToolCall(index, _text(call, "id"), _text(function, "name"), _text(function, "arguments"), notes)


def _content(content: object) -> Iterator[Thought | Text]:
    """A text, or a list of parts, in which Mistral and Databricks put what was thought before it. Parts of a kind that
    follow one another are pieces of one text."""
    if isinstance(content, str):
        content = [content]
    parts = [_part(part) for part in content] if isinstance(content, list) else []
    for kind, pieces in groupby((part for part in parts if part[1]), key=lambda part: part[0]):
        text = "".join(piece for _, piece in pieces)
        yield Thought(text) if kind == "thought" else Text(text, is_refusal=kind == "refusal")


def _part(part: object) -> tuple[str, str]:
    """What kind of part it is, and its words."""
    if not isinstance(part, Mapping):
        return "text", _words(part)
    if part.get("type") in _THOUGHTS:
        return "thought", next((words for name in _WORDS if (words := _words(part.get(name)))), "")
    if part.get("type") == "refusal":
        return "refusal", _words(part.get("refusal"))
    return "text", _words(part.get("text"))


def _words(value: object) -> str:
    """A text, or the texts of a list of them: no deeper, since a stranger decides how deep it goes."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else ()
    texts = [part.get("text") if isinstance(part, Mapping) else part for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def _report(completion: Mapping[str, Any], usage: Usage | None) -> Iterator[Report]:
    if usage is not None:
        charge = completion.get("farebox")
        yield Report(usage, charge if isinstance(charge, Mapping) else None)


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
