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
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from functions.farebox.tokens import vocabulary
from functions.farebox.tokens.media import Media, bound_part
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
_TOOLS = ("tools", "functions", "response_format")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted:
    """A count of a prompt, media at their bounds. One that is not `exact` is an estimate: of a vocabulary that is not
    published, or of what an upstream makes of tools and media."""

    tokens: int
    exact: bool
    media_tokens: int = 0  # of `tokens`
    beside_tokens: int = 0  # not of `tokens`: of text that no model should read, set aside in case that one does

    @property
    def ceiling(self) -> int:
        """What to set aside for it: the count if it is exact, else twice its text. Claude's vocabulary takes up to
        1.35 times the tokens of its predecessor, which took more than OpenAI's."""
        text_tokens = self.tokens - self.media_tokens
        return (text_tokens if self.exact else 2 * text_tokens) + self.media_tokens + self.beside_tokens


def bound_prompt(
    raw_body: bytes, body: Mapping[str, Any], *, model: str | None = None, context_tokens: int | None = None
) -> int:
    """The most prompt tokens that a request can be charged for; free to ask.

    `raw_body` is what the client sent and `body` the same parsed: a chat or an embedding request. `model` is the name
    that the upstream knows it by, where that is another. With `context_tokens`, media add no more than what the text
    leaves of the context: a longer prompt is refused by the upstream and costs nothing. The answer exceeds the context
    only where the text alone may.
    """
    text_tokens = len(raw_body) + TEMPLATE_TOKENS
    if body.get("tools") or body.get("functions"):
        text_tokens += TOOLS_TOKENS
    media_tokens = 0
    for media in _media(body, model or _model_of(body)):
        text_tokens -= media.base64_chars
        media_tokens += media.tokens
    return text_tokens + fit(media_tokens, text_tokens, context_tokens)


async def count_prompt(body: Mapping[str, Any], model: str, *, context_tokens: int | None = None) -> Counted:
    """The tokens of a prompt as `model` reads it: text exactly, tools as their JSON, media by their bounds, which
    `context_tokens` limits as in `bound_prompt`."""
    return await in_thread(lambda: _count_prompt(body, model, context_tokens))


async def count_completion(text: str, model: str) -> int:
    """The tokens of what a model wrote: of one choice, with its reasoning and the arguments of tool calls if these
    are to be charged. Exact for the models of which `count_prompt` is."""
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


def _model_of(body: Mapping[str, Any]) -> str:
    model = body.get("model")
    return model if isinstance(model, str) else ""


def _messages(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    messages = body.get("messages")
    if isinstance(messages, list):
        yield from (message for message in messages if isinstance(message, Mapping))


def _media(body: Mapping[str, Any], model: str) -> Iterator[Media]:
    for message in _messages(body):
        content = message.get("content")
        if isinstance(content, list):
            for part in content:
                media = bound_part(part, model) if isinstance(part, Mapping) else None
                if media is not None:
                    yield media


def fit(media_tokens: int, text_tokens: int, context_tokens: int | None) -> int:
    """So much of the media's bound as the text leaves of the context."""
    return media_tokens if context_tokens is None else min(media_tokens, max(context_tokens - text_tokens, 0))


class Tally:
    """Adds up the tokens of a prompt's text and its media, and remembers whether all of it was exact."""

    def __init__(self, model: str) -> None:
        self.tokens = 0
        self.media_tokens = 0
        self.exact = _is_known(model)
        self._encoding = encoding_for(model)
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
        self.tokens += tokens + len(rest.encode(errors="replace"))
        self.exact = self.exact and exact and not rest

    def json(self, value: object) -> None:
        """Anything else, as the JSON that it came in. How an upstream words it for the model is not published."""
        self.text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        self.exact = False


def _count_prompt(body: Mapping[str, Any], model: str, context_tokens: int | None) -> Counted:
    tally = Tally(model)
    for message in _messages(body):
        tally.tokens += MESSAGE_TOKENS
        for field, value in message.items():
            _count_field(tally, field, value, model)
    if "messages" in body:
        tally.tokens += REPLY_TOKENS
    if "input" in body:
        _count_input(tally, body["input"])
    for field in _TOOLS:
        if body.get(field):
            tally.json(body[field])
    media_tokens = fit(tally.media_tokens, tally.tokens, context_tokens)
    return Counted(tally.tokens + media_tokens, tally.exact, media_tokens)


def _count_field(tally: Tally, field: str, value: object, model: str) -> None:
    if field == "name":
        tally.tokens += NAME_TOKENS
    if isinstance(value, str):
        tally.text(value)
    elif field == "content" and isinstance(value, list):
        for part in value:
            _count_part(tally, part, model)
    elif value is not None:
        tally.json(value)


def _count_part(tally: Tally, part: object, model: str) -> None:
    media = bound_part(part, model) if isinstance(part, Mapping) else None
    if media is not None:
        tally.media(media)
    elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
        tally.text(part["text"])
    else:
        tally.json(part)


def _count_input(tally: Tally, value: object) -> None:
    """An embedding's input: a text, a list of tokens, or a list of either."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            tally.text(item)
        elif isinstance(item, int):
            tally.tokens += 1
        elif isinstance(item, list):
            tally.tokens += len(item)
        else:
            tally.json(item)


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
