"""Transcript of a completion: its texts, for counting tokens that the upstream did not report.

Nothing is parsed until somebody asks, or until more than `KEEP_BYTES` of events have piled up: then the oldest are
folded into their texts, some fifty times smaller, `FOLD_BYTES` at a time so that no one else has to wait. A long
stream takes little memory and loses nothing.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split

KEEP_BYTES = 1024 * 1024
FOLD_BYTES = 64 * 1024

_Slot = tuple[object, ...]


class Transcript:
    """The events that were relayed, and from them the texts and the finish of each choice."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._pieces: dict[_Slot, list[str]] = {}
        self._finished: dict[int, bool] = {}

    def add(self, block: bytes) -> None:
        """Keep a block of whole events."""
        self._blocks.append(block)
        self._size += len(block)
        if self._size > KEEP_BYTES:
            self._fold(FOLD_BYTES)

    def texts(self) -> list[str]:
        """Every text of every choice, whole: content, refusal, reasoning, tool names and arguments."""
        self._fold(self._size)
        return ["".join(pieces) for pieces in self._pieces.values()]

    def finished(self, choices: int) -> bool:
        """Whether `choices` choices, or more, were seen and each has its `finish_reason`."""
        self._fold(self._size)
        return len(self._finished) >= choices and all(self._finished.values())

    def _fold(self, size: int) -> None:
        """Fold the oldest blocks, `size` bytes of them or a little more."""
        while size > 0:
            block = self._blocks.popleft()
            size -= len(block)
            self._size -= len(block)
            for chunk in _chunks(block):
                self._take(chunk)

    def _take(self, chunk: Mapping[str, Any]) -> None:
        for index, choice in choices_of(chunk):
            finished = choice.get("finish_reason") is not None
            self._finished[index] = finished or self._finished.get(index, False)
            for slot, text in _texts(choice.get("delta")):
                self._pieces.setdefault((index, *slot), []).append(text)


def completion_texts(completion: Mapping[str, Any]) -> list[str]:
    """The same texts of a completion that was not streamed."""
    return [text for _, choice in choices_of(completion) for _, text in _texts(choice.get("message"))]


def choices_of(chunk: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The choices of a completion or of a chunk of one, with their indexes."""
    choices = chunk.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            index = choice.get("index")
            yield index if isinstance(index, int) else position, choice


def _chunks(block: bytes) -> Iterator[dict[str, Any]]:
    for event in split(block):
        data = data_of(event)
        chunk = None if data is None else read_object(data)
        if chunk is not None:
            yield chunk


def _texts(message: object) -> Iterator[tuple[_Slot, str]]:
    """The texts of a message or a delta, each with the place it belongs to."""
    if not isinstance(message, dict):
        return
    reasoning = "reasoning_content" if message.get("reasoning_content") else "reasoning"  # some send both, alike
    for name in ("content", "refusal", reasoning):
        yield from _text(message, name, name)
    yield from _call_texts(message.get("function_call"), "function_call")
    calls = message.get("tool_calls")
    for position, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            index = call["index"] if isinstance(call.get("index"), int) else position
            yield from _call_texts(call.get("function"), "tool", index)
            yield from _call_texts(call.get("custom"), "tool", index)


def _call_texts(call: object, *slot: object) -> Iterator[tuple[_Slot, str]]:
    if isinstance(call, dict):
        for name in ("name", "arguments", "input"):
            yield from _text(call, name, *slot, name)


def _text(holder: Mapping[str, Any], name: str, *slot: object) -> Iterator[tuple[_Slot, str]]:
    text = holder.get(name)
    if isinstance(text, str) and text:
        yield slot, text
