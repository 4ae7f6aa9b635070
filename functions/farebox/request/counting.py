"""How many tokens a checked request's prompt may have at most, and how many it does have.

Of every field that is sent: what the model may read is counted, and what should only stand beside the prompt (names of
users, keys of caches) is set aside in the hold, should some server show it to the model after all. See
`tokens.counting` for what a bound and a count are.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from functions.farebox.request.bounds import PRICED_TIERS
from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import Feature, Reach
from functions.farebox.request.json_body import encode
from functions.farebox.tokens.counting import (
    MESSAGE_TOKENS,
    NAME_TOKENS,
    REPLY_TOKENS,
    TEMPLATE_TOKENS,
    TOOLS_TOKENS,
    Counted,
    Tally,
    fit,
    in_thread,
)
from functions.farebox.tokens.media import LINKED, MEDIA_FIELDS, UNSEEN_TOKENS, bound_part

# What a server of the operator's may write before a prompt: instructions, what it found in its documents, or a
# conversation that it keeps. The longest contexts hold as much.
INSTRUCTIONS_TOKENS = 2_000_000
# What each prompt of several stands in, by its dialect. Whatever else the model may read, it reads with every one of
# them: a suffix, an instruction, the sentence that a word such as `input_type` chooses.
_PROMPTS = frozenset({"messages", "input", "prompt"})
_CHOOSING = frozenset({"input_type", "task", "task_type"})
_WITH_EACH_TOKENS = 32  # that such a sentence, and what marks its place, have beyond the words that chose it
_MARKS_TOKENS = 4  # that models of other kinds than OpenAI's put around each text of a batch
MOST_UNTOLD_CALLS = 100  # of tools, where nothing bounds them: those of deep research, and pages that it opens
UNTOLD_CALLS = 10  # beyond the bound that a vendor was sent
# Features with which a model reads what it was sent, and no more.
_READS_NO_MORE = PRICED_TIERS | {"cache_write_1h", "audio_input", "audio_output", "image_output"}


def bound_prompt(
    checked: Checked,
    *,
    model: str | None = None,
    context_tokens: int | None = None,
    pass_fields: Collection[str] = (),
) -> int:
    """The most prompt tokens that a request can be charged for; free to ask.

    `model` is the name that the upstream knows it by, where that is another; `pass_fields` what the upstreams that it
    may go to let through. With `context_tokens`, media add no more than what the text leaves of the context.
    """
    text_tokens = checked.sent_bytes(pass_fields) + unseen_tokens(checked)
    if (more := prompts_in(checked) - 1) > 0:
        held = [_WITH_EACH_TOKENS + len(encode(value)) for value in _read_with_each(checked, pass_fields).values()]
        text_tokens += more * sum(held)
    media_tokens = 0
    for part in checked.media:
        media = bound_part(part, model or checked.model)
        if media is not None:
            text_tokens -= media.base64_chars
            media_tokens += media.tokens
    return text_tokens + fit(media_tokens, text_tokens, context_tokens)


def unseen_tokens(checked: Checked) -> int:
    """The most tokens that a model's own template adds to a prompt."""
    if "tools" not in checked.fields and "functions" not in checked.fields:
        return TEMPLATE_TOKENS
    if checked.endpoint != "/messages":
        return TEMPLATE_TOKENS + TOOLS_TOKENS
    typed = sum(1 for tool in checked.fields["tools"] if "type" in tool)  # the vendor knows what they take
    return TEMPLATE_TOKENS + TOOLS_TOKENS * (1 + typed)


async def count_prompt(
    checked: Checked,
    model: str,
    *,
    context_tokens: int | None = None,
    pass_fields: Collection[str] = (),
    served_as: Collection[str] = (),
) -> Counted:
    """The tokens of a prompt as `model` reads it, counted in a thread. Exact for plain text and OpenAI's models, unless
    others serve it by that name: `served_as` are the names that its upstreams know it by."""
    return await in_thread(lambda: _Count(checked, model, served_as).counted(context_tokens, pass_fields))


def most_told(
    checked: Checked, pass_fields: Collection[str] = (), *, context_tokens: int | None = None, calls: int = 0
) -> int | None:
    """The most prompt tokens that a report of it can be true of, whoever answers; `None` where nothing bounds them.

    No vocabulary makes more tokens of a text than it has bytes. It may be sent in another dialect than it is counted
    in, which says the same in at most twice as many, a proxy may write instructions of its own before it, and who
    writes several answers may charge for reading it as often.

    Where a file is read, or a tool of the vendor's adds what it found, which may be so if `calls` are told without
    having been asked for, only the model's context bounds what is read at a time, `context_tokens`, if that is known:
    once, and once more for each call. Twice as many are believed, for a price may tell a shorter one than there is.
    """
    tools = [feature for feature in checked.features if feature.name not in _READS_NO_MORE]
    most = bound_prompt(checked, pass_fields=pass_fields)
    if tools or calls or (checked.media and most >= UNSEEN_TOKENS):
        if context_tokens is None:
            return None
        steps = 1 + max(calls, _most_calls(tools)) if tools or calls else 1
        return 2 * context_tokens * steps * checked.generated
    if checked.endpoint == "/embeddings":
        return 2 * most + INSTRUCTIONS_TOKENS + TEMPLATE_TOKENS * prompts_in(checked)
    return (2 * most + INSTRUCTIONS_TOKENS) * checked.generated


def _most_calls(tools: Iterable[Feature]) -> int:
    """The most calls of these tools in a choice that a vendor may make and tell nothing of, whatever it is told."""
    bounds = [feature.most if feature.bound_is_sent else None for feature in tools]
    told = [each for each in bounds if each is not None]
    return UNTOLD_CALLS + sum(told) if bounds and len(told) == len(bounds) else MOST_UNTOLD_CALLS


def prompts_in(checked: Checked) -> int:
    """How many prompts there are, each of which has a context of its own: a batch of embeddings has many."""
    inputs = checked.fields.get("input") if checked.endpoint == "/embeddings" else None
    return len(inputs) if isinstance(inputs, list) and not isinstance(inputs[0], int) else checked.prompts


def _read_with_each(checked: Checked, pass_fields: Collection[str]) -> dict[str, Any]:
    """What is said once, and read with every prompt."""
    said = {name: value for name, value in checked.fields.items() if name not in _PROMPTS}
    table = checked.table
    read = {name: value for name, value in said.items() if table[name].reach is Reach.PROMPT or name in _CHOOSING}
    return read | {name: checked.unknown[name] for name in pass_fields if name in checked.unknown}


class _Count:
    """One count."""

    def __init__(self, checked: Checked, model: str, served_as: Collection[str]) -> None:
        self._checked = checked
        self._model = model
        self._tally = Tally(model, served_as)
        self._beside = 0

    def counted(self, context_tokens: int | None, pass_fields: Collection[str]) -> Counted:
        tally = self._tally
        read = _read_with_each(self._checked, pass_fields)
        for name, value in read.items():
            if name in self._checked.fields:
                self._field(name, value)
            else:
                tally.json({name: value})
        prompts = prompts_in(self._checked)
        if read and prompts > 1:
            tally.repeat(prompts, len(read) * _WITH_EACH_TOKENS)
        for name, value in self._checked.fields.items():
            if name in _PROMPTS:
                self._field(name, value)
            elif self._checked.table[name].reach is Reach.LABEL:
                self._beside += len(encode(value))
        for part in self._checked.media:
            media = bound_part(part, self._model)
            if media is not None:
                tally.media(media)
        if self._checked.endpoint == "/embeddings" and not tally.exact:
            self._beside += prompts * _MARKS_TOKENS
        media_tokens = fit(tally.media_tokens, tally.tokens, context_tokens)
        return Counted(tally.tokens + media_tokens, tally.exact, media_tokens, self._beside, tally.elsewhere_tokens)

    def _field(self, name: str, value: Any) -> None:
        if name == "messages":
            for message in value:
                self._message(message)
            self._tally.tokens += REPLY_TOKENS
        elif name in ("input", "prompt"):
            for item in value if isinstance(value, list) else (value,):
                self._input(item)
        elif name == "system":
            self._tally.tokens += MESSAGE_TOKENS
            self._content(value)
        elif name == "instructions":
            self._tally.tokens += MESSAGE_TOKENS
            self._tally.text(value)
        else:
            self._tally.json(value)

    def _message(self, message: Mapping[str, Any]) -> None:
        self._tally.tokens += MESSAGE_TOKENS
        for name, value in message.items():
            if name == "name":
                self._tally.tokens += NAME_TOKENS
            if name == "content":
                self._content(value)
            elif isinstance(value, str):
                self._tally.text(value)
            elif value is not None:
                self._tally.json(value)

    def _input(self, item: Any) -> None:
        """A text, a token or a list of tokens; of a response, an item."""
        if isinstance(item, str):
            self._tally.text(item)
        elif isinstance(item, int):
            self._tally.tokens += 1
        elif isinstance(item, list):
            self._tally.tokens += len(item)
        elif item.get("type", "message") == "message":
            self._message({name: value for name, value in item.items() if name != "type"})
        else:
            self._tally.tokens += MESSAGE_TOKENS
            self._part(item)

    def _content(self, content: Any) -> None:
        if isinstance(content, str):
            self._tally.text(content)
        elif isinstance(content, list):
            for part in content:
                self._part(part)
        elif content is not None:
            self._part(content)

    def _part(self, part: Any) -> None:
        """One part: its text, what it holds, and the rest as JSON. Its media are counted by themselves."""
        if isinstance(part, str):
            self._tally.text(part)
            return
        rest = dict(part)
        kind = rest.pop("type", None)
        text = rest.pop("text", None)
        if text is not None:
            self._content(text) if isinstance(text, str) else self._tally.json(text)
        for name in ("content", "output"):
            held = rest.get(name)
            if isinstance(held, str | list) or (name == "content" and isinstance(held, dict)):
                self._content(rest.pop(name))
        if kind is not None and bound_part(part, self._model) is not None:
            rest = {name: _without_media(value) for name, value in rest.items() if not _is_media(name, value)}
            if not any(rest.values()):
                return
        source = rest.get("source")
        if isinstance(source, dict) and source.get("type") == "content":
            self._content(source.get("content"))
            del rest["source"]
        if rest:
            self._tally.json(rest)


def _is_media(name: str, value: object) -> bool:
    return (name in MEDIA_FIELDS or name in LINKED) and isinstance(value, str)


def _without_media(value: object) -> object:
    return {name: each for name, each in value.items() if name not in LINKED} if isinstance(value, dict) else value
