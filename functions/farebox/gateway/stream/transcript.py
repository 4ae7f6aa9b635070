"""Transcript of a completion: its texts, for counting tokens that the upstream did not report.

Nothing is parsed until somebody asks, or until more than `KEEP_BYTES` of events have piled up: then the oldest are
folded into their texts, some fifty times smaller, `FOLD_BYTES` at a time so that no one else has to wait. A long
stream takes little memory and loses nothing. Of texts no more is kept than can be counted: what comes after that is
taken for a token a byte, as it would be by the count.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.said import THOUGHT, Slot, said_by
from functions.farebox.tokens.counting import MAX_COUNTED_CHARS
from functions.farebox.tokens.media import Generated
from functions.farebox.tokens.usage.places import EXECUTED, GROUNDINGS, listed_calls
from functions.farebox.tokens.usage.usage import Calls

MOST_LISTED = 10_000  # calls: more are charged by no bill
KEEP_BYTES = 1024 * 1024
FOLD_BYTES = 64 * 1024

_THOUGHTS = frozenset(THOUGHT)
_FOUND = ("citations", "search_results")
_CITED = "url_citation"
_LISTED = (EXECUTED.encode(), b"grounding")
_BILLED_BY = ("type", "action", "execution")
_KNOWN_BY = ("id", "arguments")


class Transcript:
    """The events that were relayed, and from them the texts and the finish of each choice."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self.blocks = 0  # that were added
        self._folded_events = 0
        self._pieces: dict[Slot, list[str]] = {}
        self._named: set[Slot] = set()
        self._generated = Generated()
        self._finished: dict[int, bool] = {}
        self._in_deltas: set[int] = set()
        self._chars_left = MAX_COUNTED_CHARS
        self._uncounted_bytes = 0
        self._cites = False
        self._ran: dict[tuple[int, object], object] = {}  # what ran at the vendor, by its choice and place
        self._grounded: dict[tuple[int, str], object] = {}  # what a choice was grounded in, as it was told last

    def add(self, block: bytes) -> None:
        """Keep a block of whole events."""
        self._blocks.append(block)
        self._size += len(block)
        self.blocks += 1
        if self._size > KEEP_BYTES:
            self._fold(max(FOLD_BYTES, len(block)))

    def followed_by(self, blocks: Iterable[bytes]) -> "Transcript":
        """The transcript of some of the blocks alone, the last of them. A message that repeats the deltas before it
        says nothing there, as here."""
        self._fold(self._size)
        last = Transcript()
        last._in_deltas |= self._in_deltas
        for block in blocks:
            last.add(block)
        return last

    @property
    def last_block(self) -> bytes:
        """The block that was added last, if it is still kept."""
        return self._blocks[-1] if self._blocks else b""

    def count_events(self) -> int:
        """About how many events there are in them, and no fewer."""
        return self._folded_events + sum(map(_events_in, self._blocks))

    def texts(self) -> list[str]:
        """Every text of every choice, whole: content, refusal, reasoning, tool names and arguments."""
        self._fold(self._size)
        return ["".join(pieces) for pieces in self._pieces.values()]

    def media_tokens(self) -> int:
        """The most tokens of what was relayed and is no text: sound, images, sealed reasoning."""
        return self.generated().tokens

    def generated(self) -> Generated:
        """What was relayed and is no text."""
        self._fold(self._size)
        return self._generated

    @property
    def cites(self) -> bool:
        """Whether some of it names where it was found in the web."""
        self._fold(self._size)
        return self._cites

    def listed_calls(self, model: str | None) -> tuple[int, Calls]:
        """The searches and the calls of other tools of its vendor's that the choices list, by the vendor's name of the
        model: what was relayed may have another."""
        if any(mark in block for mark in _LISTED for block in self._blocks):
            self._fold(self._size)
        choices: dict[int, dict[str, Any]] = {}
        for (index, _), each in self._ran.items():
            choices.setdefault(index, {}).setdefault(EXECUTED, []).append(each)
        for (index, name), each in self._grounded.items():
            choices.setdefault(index, {})[name] = each
        return listed_calls({"model": model, "choices": list(choices.values())}) if choices else (0, ())

    def uncounted_bytes(self) -> int:
        """The bytes of the texts that were not kept."""
        self._fold(self._size)
        return self._uncounted_bytes

    @property
    def said_something(self) -> bool:
        """Whether there is any of it."""
        self._fold(self._size)
        return bool(self._pieces or self._generated.tokens)

    @property
    def thought_something(self) -> bool:
        """Whether some of it is reasoning."""
        self._fold(self._size)
        return bool(self._generated.sealed_chars) or any(not _THOUGHTS.isdisjoint(slot) for slot in self._pieces)

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
            self._folded_events += _events_in(block)
            for chunk in _chunks(block):
                self._take(chunk)

    def _take(self, chunk: Mapping[str, Any]) -> None:
        self._cites = self._cites or cites(chunk)
        self._note_listed(0, chunk)
        for index, choice in choices_of(chunk):
            for said in (choice, choice.get("delta"), choice.get("message")):
                self._note_listed(index, said)
            finished = bool(choice.get("finish_reason"))  # some say "" with every delta
            self._finished[index] = finished or self._finished.get(index, False)
            if "delta" in choice:
                self._in_deltas.add(index)
            # Some stream messages in place of deltas, and some repeat all of it in a message after the last.
            holder = "delta" if index in self._in_deltas else "message"
            for piece in said_by(choice, holder, self._generated):
                pieces = self._pieces.setdefault((index, *piece.slot), [])
                if piece.slot[-1] == "name":
                    named = (index, *piece.slot, piece.text)
                    if named in self._named:  # some say a tool's name in every delta
                        continue
                    if self._chars_left:
                        self._named.add(named)
                text, beyond = piece.text, ""
                if len(text) > self._chars_left:
                    text, beyond = text[: self._chars_left], text[self._chars_left :]
                    self._uncounted_bytes += len(beyond.encode(errors="replace"))
                self._chars_left -= len(text)
                pieces.append(text)

    def _note_listed(self, index: int, said: object) -> None:
        """Note what a chunk, a choice or a delta lists of its vendor's tools: a call at its place, which may be told
        when it begins and once more when it ends."""
        if not isinstance(said, dict):
            return
        ran = said.get(EXECUTED)
        for each in ran if isinstance(ran, list) else ():
            if isinstance(each, dict) and len(self._ran) < MOST_LISTED:
                told = {name: each[name] for name in _BILLED_BY if name in each}
                self._ran[index, place_of(each, each.get("index"), len(self._ran))] = told
        for name in said.keys() & GROUNDINGS:
            if len(self._grounded) < MOST_LISTED:
                self._grounded[index, name] = said[name]


def completion_texts(completion: Mapping[str, Any]) -> list[str]:
    """The same texts of a completion that was not streamed."""
    generated = Generated()
    return [piece.text for _, choice in choices_of(completion) for piece in said_by(choice, "message", generated)]


def completion_media_tokens(completion: Mapping[str, Any]) -> int:
    """The most tokens of what such a completion holds and is no text."""
    return completion_media(completion).tokens


def completion_media(completion: Mapping[str, Any]) -> Generated:
    """What such a completion holds and is no text."""
    generated = Generated()
    for _, choice in choices_of(completion):
        deque(said_by(choice, "message", generated), maxlen=0)
    return generated


def cites(chunk: Mapping[str, Any]) -> bool:
    """Whether a completion, or a chunk of one, names where it was found in the web: OpenAI's notes, and what
    Perplexity and xAI list beside the choices."""
    if any(chunk.get(name) for name in _FOUND):
        return True
    for _, choice in choices_of(chunk):
        for said in (choice.get("delta"), choice.get("message")):
            notes = said.get("annotations") if isinstance(said, dict) else None
            if isinstance(notes, list) and any(isinstance(note, dict) and _CITED in note.values() for note in notes):
                return True
    return False


def choices_of(chunk: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The choices of a completion or of a chunk of one, with their indexes."""
    choices = chunk.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            index = choice.get("index")
            yield index if isinstance(index, int) else position, choice


def place_of(call: Mapping[str, Any], place: object, otherwise: int) -> object:
    """What a call of a vendor's tool is known by where it is told again: its place, else what it is called or was
    called with. One that has neither is another each time, and known by how many there were before it."""
    if type(place) is int:
        return place
    known = {name: call[name] for name in _KNOWN_BY if call.get(name)}
    return orjson.dumps(known) if known else f"{otherwise}"


def _events_in(block: bytes) -> int:
    """At most so many: each has a line, and an empty one behind it. One byte is counted in a fourth of the time."""
    return (block.count(b"\n") + 1) // 2


def _chunks(block: bytes) -> Iterator[dict[str, Any]]:
    for event in split(block):
        data = data_of(event)
        chunk = None if data is None else read_object(data)
        if chunk is not None:
            yield chunk
