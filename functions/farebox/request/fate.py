"""What becomes of a request's fields: one table a dialect gives each field one of four fates.

- *free*: it cannot raise the cost. Its form is checked, and it is passed on.
- *bounding*: it says how much there may be. Checked, and counted in the hold.
- *priced*: it asks for something that has a price of its own, a `Feature`; it is served where the model has that price.
- *refused*: it steers a proxy behind us, or nothing here can price it.

A field that no table knows is set aside: left out, and named. What is `null`, or refused and empty or switched off,
asks for nothing, and is left out as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.steering import advice_on, is_counted, reference_advice

MAX_NAMED = 32  # fields that were left out are named up to so many
MAX_NAME_CHARS = 64


class Fate(Enum):
    """What a field can do to the cost."""

    FREE = "free"
    BOUNDING = "bounding"
    PRICED = "priced"
    REFUSED = "refused"


class Reach(Enum):
    """Where a field's text gets to."""

    PROMPT = "prompt"  # the model may read it: it counts as text
    LABEL = "label"  # kept beside the prompt: it counts in the hold, in case that some server shows it to the model
    SETTING = "setting"  # numbers and words: it holds no text


@dataclass(frozen=True, slots=True)
class Feature:
    """Something with a price of its own that a request asks for, by the name that its price has: a tool that is
    charged by the call (`search`), a class of tokens (`audio_output`, `cache_write_1h`), a service tier (`priority`).

    `param` is the field that asks. It can be charged at most `most` times in one answer; `None`: nothing bounds that.
    `bound_is_sent`: what is sent says so, or can, and may say fewer (`tools.calls`).
    """

    name: str
    param: str = field(compare=False)
    most: int | None = 1
    bound_is_sent: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.most is not None and (type(self.most) is not int or self.most < 1):
            raise ValueError(f"{self.name} can be charged a whole number of times, not {self.most!r}")


class LeftOut(Enum):
    """What a reader answers where nothing of a field is passed on as it came."""

    LEFT_OUT = 0


LEFT_OUT: Final = LeftOut.LEFT_OUT


class Reading:
    """What the fields of one body that is being read come to, apart from what is passed on.

    Plain attributes of the class are the defaults: most requests name few of them, and none pays for the rest.
    """

    model: str = ""
    stream: bool = False
    stream_options: Mapping[str, object] | None = None
    choices: int = 1
    prompts: int = 1
    best_of: int | None = None
    cap: int | None = None
    thinking_within_cap: int | None = None  # tokens
    thinking_at: str = ""  # the field that says so
    least: int | None = None  # tokens that a choice must have
    thinking_beside_cap: int = 0  # tokens
    prediction_bytes: int = 0
    max_tool_calls: int | None = None
    counts_together: bool = False  # some field is to be checked beside another
    has_developer: bool = False  # some message has the role `developer`
    wants_cost: bool = False
    has_more_than_texts: bool = False  # some message has more than a role and texts
    features: list[Feature] | None = None  # the five collections are made at need
    chosen: list[tuple[str, str]] | None = None  # features of tools that an answer must use, and where it says so
    media: list[Mapping[str, object]] | None = None
    unknown: dict[str, object] | None = None
    dropped: list[str] | None = None
    read_tool: "ReadTool | None" = None  # reads a tool that stands in a message, where the dialect has such

    def ask(self, feature: Feature) -> None:
        """Note a feature."""
        self.features = [*(self.features or ()), feature]

    def choose(self, feature: str, at: str) -> None:
        """Note that an answer must use a vendor's tool, by the name of its feature."""
        self.counts_together = True
        self.chosen = [*(self.chosen or ()), (feature, at)]

    def see(self, part: Mapping[str, object]) -> None:
        """Note a part of the prompt whose tokens are bounded and not counted."""
        if self.media is None:
            self.media = []
        self.media.append(part)

    def drop(self, name: str) -> None:
        """Note a field that is left out."""
        if self.dropped is None:
            self.dropped = []
        if len(self.dropped) < MAX_NAMED:
            self.dropped.append(as_named(name))


def as_named(name: str) -> str:
    """A stranger's name as it may stand in a header: short, and printable ASCII."""
    name = name[:MAX_NAME_CHARS]
    return name if name.isascii() and name.isprintable() else ascii(name)[1:-1][:MAX_NAME_CHARS]


# Takes a tool, its path and what was read so far; answers what to pass on of it.
ReadTool = Callable[[dict[str, Any], str, Reading], dict[str, Any]]
# Takes a field's value (never `None`), its path and what was read so far; answers what to pass on.
Read = Callable[[object, str, Reading], object]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dialect."""

    fate: Fate
    read: Read
    reach: Reach = Reach.SETTING


Table = Mapping[str, Field]


def free(read: Read, reach: Reach = Reach.SETTING) -> Field:
    """A field that cannot raise the cost."""
    return Field(Fate.FREE, read, reach)


def bounding(read: Read, reach: Reach = Reach.SETTING) -> Field:
    """A field that says how much there may be."""
    return Field(Fate.BOUNDING, read, reach)


def priced(read: Read, reach: Reach = Reach.SETTING) -> Field:
    """A field that may ask for a feature."""
    return Field(Fate.PRICED, read, reach)


def refused(advice: str) -> Field:
    """A field that is not offered; `advice` says what to do instead."""

    def read(value: object, at: str, reading: Reading) -> object:
        if asks_for_nothing(value):
            return LEFT_OUT
        raise unsupported(at, advice)

    return Field(Fate.REFUSED, read)


def asks_for_nothing(value: object) -> bool:
    """Whether a field that is not offered may as well be left out: it is empty, or says that it is off, as xAI's
    searches, OpenRouter's plugins and Anthropic's switches do. Programs name what they do without in every request."""
    if isinstance(value, list):
        return all(map(_is_off, value))
    return not value or _is_off(value)


def _is_off(value: object) -> bool:
    return isinstance(value, dict) and (
        value.get("mode") == "off" or value.get("enabled") is False or value.get("type") == "disabled"
    )


def unsupported(param: str, advice: str) -> InvalidRequest:
    """A part of a request that is understood, and not offered."""
    return InvalidRequest(f"{param}: {advice}", code="unsupported_parameter", param=param)


def read_fields(body: Mapping[str, object], table: Table, reading: Reading) -> dict[str, object]:
    """The fields to pass on, as they were read. Raises `InvalidRequest` that names the field at fault."""
    fields = {}
    for name, value in body.items():
        if value is None:
            continue
        known = table.get(name)
        if known is None:
            _set_aside(name, value, reading)
            continue
        value = known.read(value, name, reading)
        if value is not LEFT_OUT:
            fields[name] = value
    return fields


def _set_aside(name: str, value: object, reading: Reading) -> None:
    advice = advice_on(name)
    refusal = advice or reference_advice(name)
    if refusal is not None and not asks_for_nothing(value):
        raise unsupported(name[:MAX_NAME_CHARS], refusal)
    reading.drop(name)
    # What bounds the cost in one dialect is never let through in another, where it is not counted.
    if advice is None and not is_counted(name):
        if reading.unknown is None:
            reading.unknown = {}
        reading.unknown[name] = value
