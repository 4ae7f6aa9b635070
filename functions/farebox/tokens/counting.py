"""Token counts of a prompt: the most that it may have, and how many a text does have.

A prompt is bounded without counting: each token of a byte-level BPE vocabulary (OpenAI's, Llama's, Qwen's) or one with
byte fallback (Gemma's, Mistral's) stands for at least one byte of text, and JSON never writes a text shorter than it
is in UTF-8. So the length of the request's body bounds its text, and its punctuation pays for what a chat template
puts around each message. What no byte pays for is added: the template's own preamble, and media, which are bounded
one by one (`media`).

Counting is for when that bound does not fit the money left, and for upstreams that report no usage. It is exact for
plain text and OpenAI's models; elsewhere it is an estimate, and says so.
"""

import asyncio
import json
import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from functions.farebox.tokens import vocabulary
from functions.farebox.tokens.elsewhere import beyond_twice
from functions.farebox.tokens.media import Media
from functions.farebox.tokens.vocabulary import EncodingName

# What chat templates say of their own accord: gpt-oss names itself and the date in about 100 tokens, Llama in 30.
TEMPLATE_TOKENS = 256
# The system prompt that tools bring along: up to 530 tokens with Claude
# (https://docs.anthropic.com/en/docs/tool-use-pricing-and-tokens).
TOOLS_TOKENS = 1_024

# Per message, per name, and for the reply's beginning: "How to count tokens with tiktoken",
# https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken.
MESSAGE_TOKENS = 3
NAME_TOKENS = 1
REPLY_TOKENS = 3

MAX_COUNTED_CHARS = 4_000_000  # beyond that a byte counts as a token
COUNTING_THREADS = 2

_CL100K = re.compile(r"(ft:)?(gpt-4(?![o.\d])|gpt-3\.5|gpt-35-|text-embedding-|davinci-002|babbage-002)")
_O200K = re.compile(r"(ft:)?(gpt-4o|gpt-4\.[15]|gpt-5|chatgpt-4o|o[134](?![a-z\d]))")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted:
    """A count of a prompt, media at their bounds. One that is not `exact` is an estimate: of a vocabulary that is not
    published, or of what an upstream makes of tools and media."""

    tokens: int
    exact: bool
    media_tokens: int = 0  # of `tokens`
    beside_tokens: int = 0  # not of `tokens`: of text that no model should read, set aside in case that one does
    elsewhere_tokens: int = 0  # nor these: of what other vocabularies merge less, beyond twice the text

    @property
    def ceiling(self) -> int:
        """What to set aside for it: the count if it is exact, else twice its text, and more for what others merge less
        (`elsewhere`). Claude's vocabulary takes up to 1.35 times the tokens of its predecessor, which took more than
        OpenAI's."""
        text_tokens = self.tokens - self.media_tokens
        text = text_tokens if self.exact else 2 * text_tokens + self.elsewhere_tokens
        return text + self.media_tokens + self.beside_tokens


async def count_completion(text: str, model: str) -> int:
    """The tokens of what a model wrote: of one choice, with its reasoning and the arguments of tool calls if these
    are to be charged. Exact for OpenAI's models."""
    return await in_thread(lambda: _count_text(text, model))


async def prepare_to_count(model: str) -> None:
    """Load what counting for a model takes, if nothing was counted yet."""
    await in_thread(lambda: vocabulary.load(encoding_for(model)))


def encoding_for(model: str) -> EncodingName:
    """The vocabulary of an OpenAI model, with or without a provider's prefix; o200k for every other."""
    return "cl100k_base" if _CL100K.match(_bare(model)) else "o200k_base"


def _is_known(model: str) -> bool:
    """Whether `encoding_for` is more than a guess."""
    return bool(_CL100K.match(_bare(model)) or _O200K.match(_bare(model)))


def _bare(model: str) -> str:
    return model.rpartition("/")[2].lower()


def fit(media_tokens: int, text_tokens: int, context_tokens: int | None) -> int:
    """So much of the media's bound as the text leaves of the context."""
    return media_tokens if context_tokens is None else min(media_tokens, max(context_tokens - text_tokens, 0))


class Tally:
    """Adds up the tokens of a prompt's text and its media, and remembers whether all of it was exact. `served_as` are
    the names of the models that may read it under the name that was asked for."""

    def __init__(self, model: str, served_as: Collection[str] = ()) -> None:
        self.tokens = 0
        self.media_tokens = 0
        self.elsewhere_tokens = 0
        self._encoding = encoding_for(model)
        names = (model, *served_as)
        self._is_own = all(_is_known(name) and encoding_for(name) == self._encoding for name in names)
        self.exact = self._is_own
        self._chars_left = MAX_COUNTED_CHARS

    def media(self, media: Media) -> None:
        """Add an image, a sound or a file."""
        self.media_tokens += media.tokens
        self.exact = False

    def text(self, text: str) -> None:
        """Add a text."""
        counted, rest = text[: self._chars_left], text[self._chars_left :]
        tokens, exact = vocabulary.count(counted, self._encoding) if counted else (0, True)
        self._chars_left -= len(counted)
        if not self._is_own:
            self.elsewhere_tokens += beyond_twice(counted, tokens)
        self.tokens += tokens + len(rest.encode(errors="replace"))
        self.exact = self.exact and exact and not rest

    def repeat(self, times: int, tokens: int) -> None:
        """Take what was added so far so many times, each with some tokens more."""
        self.tokens = times * (self.tokens + tokens)
        self.elsewhere_tokens *= times
        self.exact = False

    def json(self, value: object) -> None:
        """Anything else, as the JSON that it came in. How an upstream words it for the model is not published."""
        self.text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        self.exact = False


def _count_text(text: str, model: str) -> int:
    tally = Tally(model)
    tally.text(text)
    return tally.tokens


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads of their own, so that long texts never keep other work from a thread."""
    return ThreadPoolExecutor(COUNTING_THREADS, thread_name_prefix="count-tokens")


async def in_thread(count: Callable[[], T]) -> T:
    """Run what counts in a thread, of which there are few."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), count)
