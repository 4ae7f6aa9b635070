"""Exact token counts with OpenAI's own tokenizer and its vocabularies, which ship with the code.

tiktoken fetches a vocabulary from the internet unless `TIKTOKEN_CACHE_DIR` holds a file of the right name and
SHA-256. A cold start must not wait for that and a closed network cannot, so both are checked before tiktoken looks:
it never gets as far as a download. Everything is loaded on first need: cl100k takes 0.2 s and 44 MiB, o200k 0.4 s and
81 MiB.

A text is split into pieces before it is encoded. tiktoken's regular expression overflows its stack on a million
blanks in a row (a panic that no `except Exception` catches, in 0.14), and one endless word takes one endless call.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import tiktoken

EncodingName = Literal["cl100k_base", "o200k_base"]

DIRECTORY = Path(__file__).parent / "data" / "vocabulary"
# The name that tiktoken's cache gives to each file, the SHA-1 of its address, and the SHA-256 that it expects.
FILES: dict[EncodingName, tuple[str, str]] = {
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
}

PIECE_CHARS = 100_000  # a piece ends at the first seam behind so many characters, or at twice as many
# What a cut that is no seam may save: pairs are merged greedily, so the parts can need fewer tokens than the whole.
# Four is the most in two million random cuts.
CUT_TOKENS = 16

# A letter or digit, and something with which both vocabularies' expressions always begin a new match. To cut there
# changes no token. (The last five are Chinese punctuation.)
_SEAM = re.compile(r"""[^\W_](?=[ \n!"#$%&()*+,\-./:;<=>?@\[\\\]^`{|}~\u3001\u3002\uff0c\uff01\uff1f])""")


class VocabularyMissing(RuntimeError):
    """A vocabulary did not ship with the code, or is not the one that it should be."""


@cache
def load(name: EncodingName) -> "tiktoken.Encoding":
    """The encoding of this name, loaded once a process; any thread may ask. Raises `VocabularyMissing`."""
    file_name, sha256 = FILES[name]
    path = DIRECTORY / file_name
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise VocabularyMissing(f"{path} is missing: it holds the vocabulary {name} and belongs to the code") from error
    if found != sha256:
        raise VocabularyMissing(f"{path} is damaged: its SHA-256 is {found}, the one of {name} is {sha256}")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(DIRECTORY)

    import tiktoken

    return tiktoken.get_encoding(name)


def count(text: str, name: EncodingName) -> tuple[int, bool]:
    """The tokens of a text, and whether that is exact. Where it is not it is more, never less.

    Text that looks like a special token (`<|endoftext|>`) is text. Encoding holds a core for 0.2 ms per 1,000 tokens
    but not the interpreter's lock: run it in a thread.
    """
    encoding = load(name)
    tokens, exact = 0, True
    for piece, is_whole in split(text):
        tokens += len(encoding.encode_ordinary(piece))
        if not is_whole:
            tokens += CUT_TOKENS
            exact = False
    return tokens, exact


def split(text: str, piece_chars: int = PIECE_CHARS) -> Iterator[tuple[str, bool]]:
    """A text in pieces of `piece_chars` to twice as many characters, each with whether it ends at a seam."""
    start = 0
    while len(text) - start > 2 * piece_chars:
        seam = _SEAM.search(text, start + piece_chars, start + 2 * piece_chars)
        end = seam.end() if seam else start + 2 * piece_chars
        yield text[start:end], seam is not None
        start = end
    yield text[start:], True
