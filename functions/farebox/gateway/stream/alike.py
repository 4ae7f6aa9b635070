"""Events that are alike but for their text: nearly all of a stream.

Each event of an answer repeats the last one, down to the byte, but for the few letters that are new. What has been said
of one event is true of all that differ from it in nothing but what stands inside of JSON strings that hold text: no
name, no number and no structure can have changed. To see that takes a comparison of bytes, a fraction of what the
search for everything takes that may concern us.
"""

import re

from functions.farebox.gateway.json_object import read_object

MOST_MISSES = 8  # events in a row that were learned from, and like which none came: such a stream has none that are
MOST_BYTES = 4096  # of one to learn from

# Where text is: of a chat, of a legacy completion, of what a tool is called with, and OpenAI's padding.
_TEXTS = re.compile(rb'"(?:content|reasoning_content|reasoning|text|arguments|obfuscation)": ?"')
_QUOTE = ord('"')
_TEXT = re.compile(rb'[^"\\\x00-\x1f]*+')  # one that nothing in it can end, nor the event


class Alike:
    """What one stream's events are like: those parts of the last that was learned from which are not its text."""

    def __init__(self) -> None:
        self._first = b""
        self._others: list[bytes] = []
        self._misses = 0

    def learn(self, block: bytes) -> None:
        """Learn from an event that was found to be of no concern. What is no single line of data teaches nothing, nor
        does one that is no JSON, or whose text has an escape in it."""
        if self._misses >= MOST_MISSES or len(block) > MOST_BYTES:
            return
        if not (block.startswith(b"data:") and block.endswith(b"}\n\n") and block.count(b"\n") == 2):
            return
        self._misses += 1
        parts = []
        begin = 0
        for found in _TEXTS.finditer(block):
            end = _end_of_text(block, found.end())
            if block[end] != _QUOTE:
                return
            parts.append(block[begin : found.end()])
            begin = end
        if parts and read_object(block[len(b"data:") :]) is not None:
            self._first, *self._others = [*parts, block[begin:]]

    def holds(self, block: bytes) -> bool:
        """Whether a block is one event like that which was learned from."""
        if not self._others or not block.startswith(self._first):
            return False
        at = len(self._first)
        for part in self._others:
            at = _end_of_text(block, at)
            if not block.startswith(part, at):
                return False
            at += len(part)
        if at != len(block) or not _is_utf8(block):
            return False
        self._misses = 0
        return True


def _is_utf8(block: bytes) -> bool:
    """Whether it is: bytes that are none make an event no JSON, and nothing else shows them."""
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _end_of_text(block: bytes, begin: int) -> int:
    text = _TEXT.match(block, begin)
    assert text is not None, "it matches nothing at least"
    return text.end()
