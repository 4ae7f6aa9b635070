"""What a message says, or a delta of one: every text in it, wherever its vendor puts it, and what else was generated.

Content is a string or a list of parts (Mistral's thinking, Databricks' summaries); reasoning has a dozen names; sound
comes with a transcript. So everything counts but what is known to be no speech.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.farebox.tokens.media import Generated
from functions.farebox.tokens.usage.places import EXECUTED, GROUNDINGS

Slot = tuple[object, ...]

# Not generated, or not text: names and marks of the protocol, seals under a text that is there, sources.
_UNSAID = frozenset(
    {
        "annotations", "call_id", "citations", "created", "encoding", "expires_at", "finish_reason", "format", "id",
        "index", "logprobs", "mime_type", "mimeType", "model", "object", "role", "search_results", "signature",
        "status", "tool_call_id", "type", "usage", *GROUNDINGS,
    }
)  # fmt: skip
_UNSAID_BY_TOOLS = _UNSAID | {"output"}  # of those that ran at the vendor; what they were called with was generated
# One thought under several names: proxies send two or three of them alike. The one that says most counts.
THOUGHT = (
    "reasoning_content", "reasoning", "reasoning_details", "reasoning_text", "thinking", "thinking_blocks", "thought",
    "thoughts", "provider_specific_fields",
)  # fmt: skip
_LEGACY = ("text", *THOUGHT)
_SEALED = ("data", "encrypted_content", "redacted")


@dataclass(slots=True)
class Text:
    """A piece of text. Pieces of one slot belong together, over the deltas of a stream."""

    slot: Slot
    text: str


def said_in(message: object, generated: Generated) -> Iterator[Text]:
    """The texts of a message or a delta; what is no text is added to `generated`."""
    if not isinstance(message, dict):
        return
    thoughts = {name: message[name] for name in THOUGHT if message.get(name)}
    if len(thoughts) > 1:
        most = max(thoughts, key=lambda name: _length(thoughts[name]))
        message = {name: value for name, value in message.items() if name == most or name not in THOUGHT}
    yield from _walk(message, generated)


def said_by(choice: Mapping[str, object], holder: str, generated: Generated) -> Iterator[Text]:
    """The same of a choice, which has a message or a delta in its `holder`; a legacy completion's has its text beside
    it, where chats have nothing that a model said."""
    if holder in choice:
        return said_in(choice[holder], generated)
    return said_in({name: choice[name] for name in _LEGACY if name in choice}, generated)


def _walk(message: object, generated: Generated) -> Iterator[Text]:
    """Depth first and in order, without recursion: a stranger decides how deep it goes."""
    left: list[tuple[Slot, object]] = [((), message)]
    while left:
        slot, value = left.pop()
        if isinstance(value, dict):
            unsaid = _UNSAID_BY_TOOLS if EXECUTED in slot else _UNSAID
            left += [((*slot, name), one) for name, one in reversed(value.items()) if name not in unsaid]
        elif isinstance(value, list):
            left += reversed([(_place(slot, one, position), one) for position, one in enumerate(value)])
        elif isinstance(value, str) and value and not _is_media(slot, value, generated):
            yield Text(slot, value)


def _place(slot: Slot, item: object, position: int) -> Slot:
    """Where an item of a list belongs. Calls of tools run side by side, by their index; all else follows on."""
    if not slot or slot[-1] != "tool_calls":
        return slot
    index = item.get("index") if isinstance(item, Mapping) else None
    return (*slot, index if type(index) is int else position)


def _is_media(slot: Slot, value: str, generated: Generated) -> bool:
    """Whether a string is no text; it is measured then. A link is what was found, but to an image what was drawn."""
    name = slot[-1]
    if name in ("image_url", "b64_json") or (name == "url" and "image_url" in slot):
        generated.images += 1
        return True
    if name in _SEALED:
        if "audio" in slot:
            generated.spoken_chars += len(value)
        else:
            generated.sealed_chars += len(value)
        return True
    return name == "url"


def _length(value: object) -> int:
    generated = Generated()
    return sum([len(piece.text) for piece in _walk({"": value}, generated)]) + generated.sealed_chars
