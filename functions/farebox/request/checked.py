"""The checked request: the one object that a request is priced by and written from."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from functions.farebox.request.fate import Feature, Reading, Table, read_fields
from functions.farebox.request.json_body import encode
from functions.farebox.request.prompt.messages import DEVELOPER
from functions.farebox.request.tools.calls import bounded, with_fewer_calls
from functions.farebox.request.tools.choice import check_choices
from functions.farebox.request.values import CACHE_CONTROL, missing, read_cache_controls, wrong_value

Endpoint = Literal["/chat/completions", "/completions", "/embeddings", "/messages", "/responses"]

NO_FEATURES: frozenset[Feature] = frozenset()
NO_FIELDS: Mapping[str, Any] = {}

_CACHE_CONTROL = b'"%b"' % CACHE_CONTROL.encode()
_LONG_BYTES = 2_000
NO_THINKING = {"type": "disabled"}
LEAST_THINKING = 1024  # tokens, of Anthropic's
_THINKING = {"thinking": "budget_tokens", "reasoning": "max_tokens"}  # where it is said how much of a cap is for that
# The field of the cap in dialects that have one alone.
CAP_FIELDS: Mapping[Endpoint, str] = {"/messages": "max_tokens", "/responses": "max_output_tokens"}
LEGACY_CAP_FIELD = "max_tokens"  # of legacy completions, whatever their server calls it in chats


class Checked(Struct):
    """A request, checked. It is not changed after it was made, and cannot be made with an amount that is none.

    `fields` are passed on, as they were read; `encoded` is the same as JSON without its braces, made once for every
    attempt. What bounds an answer is in attributes of its own, from which `write` names it anew.
    """

    endpoint: Endpoint
    model: str  # the public name
    table: Table  # the dialect's
    fields: dict[str, Any]
    encoded: bytes
    stream: bool = False
    stream_options: Mapping[str, object] | None = None  # what the client said of them
    choices: int = 1  # that each prompt gets
    prompts: int = 1  # more than one in legacy completions alone
    best_of: int | None = None  # completions that are generated for the choices of a prompt, where that was said
    cap: int | None = None  # the most tokens of a choice that the client named, by whichever fields
    least: int | None = None  # tokens that a choice must have
    thinking_within_cap: int | None = None  # tokens of a choice's cap that are for thinking, as `fields` say
    thinking_beside_cap: int = 0  # tokens that a choice may have beside its cap
    prediction_bytes: int = 0  # of text that may be charged as output
    features: frozenset[Feature] = NO_FEATURES
    media: tuple[Mapping[str, object], ...] = ()  # parts of the prompt whose tokens are bounded one by one
    unknown: Mapping[str, Any] = field(default_factory=dict)  # top-level fields that no table knows
    dropped: tuple[str, ...] = ()  # the names of those and of nested ones, printable, the first 32
    has_developer: bool = False  # some message has the role `developer`, which not every server knows
    wants_cost: bool = False  # the client wants the report of usage to tell the cost
    _others: dict[object, bytes] | None = None  # what `encoded_without` has made

    def __post_init__(self) -> None:
        self._others = None  # it may be another with one thing replaced, which is written in another way
        choices, prompts, cap, best_of = self.choices, self.prompts, self.cap, self.best_of
        beside, predicted = self.thinking_beside_cap, self.prediction_bytes
        # `type` and not `isinstance`: a bool is an `int`, and no amount.
        if type(choices) is not int or type(prompts) is not int or choices < 1 or prompts < 1:
            raise ValueError(f"there is a whole number of choices and prompts, not {choices!r} of {prompts!r}")
        if type(beside) is not int or type(predicted) is not int or beside < 0 or predicted < 0:
            raise ValueError(f"what may be beside the cap is a whole number, not {beside!r} or {predicted!r}")
        if cap is not None and (type(cap) is not int or cap < 1):
            raise ValueError(f"a cap is a whole number of tokens, not {cap!r}")
        if self.least is not None or self.thinking_within_cap is not None:
            _check_shares(self.least or 0, self.thinking_within_cap or 0)
        if best_of is not None and (type(best_of) is not int or best_of < choices):
            raise ValueError(f"no more choices come back than are generated: {best_of!r} of {choices}")

    @property
    def wants_usage(self) -> bool:
        """Whether the client wants a stream to tell its usage."""
        options = self.stream_options
        return self.wants_cost or (options is not None and options.get("include_usage") is True)

    @property
    def echoes(self) -> bool:
        """Whether a legacy completion is to repeat its prompt before what is generated."""
        return self.fields.get("echo") is True

    @property
    def has_amounts(self) -> bool:
        """Whether something bounds the answer beside the cap."""
        return self.choices != 1 or self.best_of is not None or self.least is not None

    @property
    def generated(self) -> int:
        """How many completions are generated, and charged."""
        return self.prompts * (self.best_of or self.choices)

    def output_bound(self, cap: int) -> int:
        """The most tokens of output that can be charged where each choice is sent with this cap."""
        return self.generated * (cap + self.thinking_beside_cap + self.prediction_bytes)

    def sent_bytes(self, pass_fields: Collection[str] = ()) -> int:
        """How many bytes of JSON are sent, apart from what `write` adds. A byte bounds a token of text."""
        sent = len(self.model) + len(self.encoded) + 2
        for name in pass_fields:
            if name in self.unknown:
                sent += len(name.encode()) + len(encode(self.unknown[name])) + 4
        return sent

    def among(self, names: Collection[str]) -> tuple[str, ...]:
        """Those of some names that `write` leaves out when it is told to."""
        amounts = {"n": self.choices != 1, "best_of": self.best_of is not None, "min_tokens": self.least is not None}
        return tuple(sorted(name for name in names if name in self.fields or amounts.get(name)))

    def encoded_without(self, names: frozenset[str], *, developer_role: bool = True) -> bytes:
        """`encoded` without these fields, and without the role `developer` for who does not know it; made once for all
        attempts that are sent the same."""
        if self._others is None:
            self._others = {}
        encoded = self._others.get((names, developer_role))
        if encoded is None:
            kept = {name: value for name, value in self.fields.items() if name not in names}
            if not developer_role and "messages" in kept:
                kept["messages"] = [_by_system(message) for message in kept["messages"]]
            encoded = self._others[names, developer_role] = encode(kept)[1:-1]
        return encoded

    def body(self) -> dict[str, Any]:
        """The request as an object in its own dialect's words, for who translates it: what is passed on, the model's
        public name, what bounds its answer, and whether it is to be streamed. Nothing in it is to be changed."""
        body = {"model": self.model, **self.fields}
        if self.cap is not None:
            body[CAP_FIELDS.get(self.endpoint, "max_tokens")] = self.cap
        if self.least is not None:
            body["min_tokens"] = self.least
        if self.choices != 1:
            body["n"] = self.choices
        if self.best_of is not None:
            body["best_of"] = self.best_of
        if self.stream:
            body["stream"] = True
        return body


def _by_system(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "role": "system"} if message["role"] == DEVELOPER else message


def _check_shares(least: int, within: int) -> None:
    if type(least) is not int or type(within) is not int or least < 0 or within < 0:
        raise ValueError(f"a share of a cap is a whole number of tokens, not {least!r} or {within!r}")


def check(endpoint: Endpoint, body: Mapping[str, object], table: Table, required: tuple[str, ...]) -> Checked:
    """Read a body by a dialect's table; beside its model, the `required` fields are there. Raises `InvalidRequest` that
    names the field at fault."""
    reading = Reading()
    fields = read_fields(body, table, reading)
    for name in required:
        if body.get(name) is None:
            raise missing(name)
    encoded = encode(fields)[1:-1]
    if _may_hold_cache_controls(fields, encoded, reading):
        for name, value in fields.items():
            read_cache_controls(value, name, reading)
    if reading.counts_together:
        _check_together(reading)
    return Checked(
        endpoint,
        reading.model,
        table,
        fields,
        encoded,
        reading.stream,
        reading.stream_options,
        reading.choices,
        reading.prompts,
        reading.best_of,
        reading.cap,
        reading.least,
        reading.thinking_within_cap,
        reading.thinking_beside_cap,
        reading.prediction_bytes,
        NO_FEATURES if reading.features is None else bounded(endpoint, reading.features, reading.max_tool_calls),
        () if reading.media is None else tuple(reading.media),
        NO_FIELDS if reading.unknown is None else reading.unknown,
        () if reading.dropped is None else tuple(reading.dropped),
        reading.has_developer,
        reading.wants_cost,
    )


def _may_hold_cache_controls(fields: Mapping[str, object], encoded: bytes, reading: Reading) -> bool:
    """A search of the JSON. Most of a long conversation is texts, which need not be searched."""
    if len(encoded) > _LONG_BYTES and not reading.has_more_than_texts:
        encoded = encode([value for name, value in fields.items() if name != "messages"])
    return encoded.find(_CACHE_CONTROL) >= 0  # twice as fast as `in`


def write(
    checked: Checked,
    *,
    model: str,
    cap: int | None,
    cap_field: str,
    stream_options: bool = True,
    pass_fields: Collection[str] = (),
    drop_fields: Collection[str] = (),
    head: bytes | None = None,
    developer_role: bool = True,
    calls: int | None = None,
) -> bytes:
    """The body for one upstream, which is written nowhere else.

    `model` is the upstream's name for it, `cap` the most tokens that each choice may have, in `cap_field`, the one
    that this upstream reads; `None` for embeddings alone. `stream_options`: it takes the wish for a stream's usage.
    `pass_fields` lets fields through that no table knows, but none that is refused or bounds the cost in some dialect;
    `drop_fields` leaves known ones out, but neither the model nor the cap. `head` is JSON that stands in the place of
    the model's name where the address has that. Without `developer_role`, what a `developer` says is said by `system`.
    `calls` is the most of each tool that the vendor runs, where that is less than was asked for.
    """
    _check_cap(checked, cap)
    lowered = _lowered(checked, cap, calls, drop_fields)
    encoded = checked.encoded
    developer_role = developer_role or not checked.has_developer
    is_other = lowered or not developer_role or cap_field in checked.fields
    if is_other or (drop_fields and not checked.fields.keys().isdisjoint(drop_fields)):
        names = frozenset((*drop_fields, cap_field, *lowered))
        encoded = checked.encoded_without(names, developer_role=developer_role)
    pieces = [b'{"model":', encode(model)] if head is None else [b"{", head]
    if encoded:
        pieces += (b",", encoded)
    for name in pass_fields:
        if name in checked.unknown:
            pieces += (b",", encode(name), b":", encode(checked.unknown[name]))
    if lowered:
        pieces += (b",", encode(lowered)[1:-1])
    if checked.has_amounts:
        pieces += _amounts(checked, cap, drop_fields)
    if cap is not None:
        pieces.append(b',"%b":%d' % (cap_field.encode(), cap))
    if checked.stream:
        pieces.append(b',"stream":true')
        if stream_options and "stream_options" not in drop_fields:
            pieces.append(_stream_options(checked))
    pieces.append(b"}")
    return b"".join(pieces)


def _amounts(checked: Checked, cap: int | None, drop_fields: Collection[str]) -> Iterator[bytes]:
    """What bounds the answer beside the cap."""
    if checked.choices != 1 and "n" not in drop_fields:
        yield b',"n":%d' % checked.choices
    if checked.best_of is not None and "best_of" not in drop_fields:
        yield b',"best_of":%d' % checked.best_of
    if checked.least is not None and cap is not None and "min_tokens" not in drop_fields:
        yield b',"min_tokens":%d' % min(checked.least, cap)


def _lowered(checked: Checked, cap: int | None, calls: int | None, drop_fields: Collection[str]) -> Mapping[str, Any]:
    """Fields that ask for more than is sent, with as much as that."""
    lowered = NO_FIELDS if checked.thinking_within_cap is None else _with_less_thinking(checked, cap, drop_fields)
    if calls is None:
        return lowered
    fewer = with_fewer_calls(checked.endpoint, checked.fields, checked.features, calls)
    return {**lowered, **{name: value for name, value in fewer.items() if name not in drop_fields}}


def _with_less_thinking(checked: Checked, cap: int | None, drop_fields: Collection[str]) -> Mapping[str, Any]:
    """Fields whose share of the cap for thinking is more than the cap that is sent, with as much as that. Anthropic
    wants some of the cap left for the answer, and no share below its least: there is no thinking then."""
    within = checked.thinking_within_cap or 0
    is_anthropics = checked.endpoint == "/messages"
    if cap is None or within < cap or (within == cap and not is_anthropics):
        return NO_FIELDS
    fields = checked.fields
    if is_anthropics:
        if "thinking" in drop_fields:
            return NO_FIELDS
        return {"thinking": NO_THINKING if cap <= LEAST_THINKING else {**fields["thinking"], "budget_tokens": cap - 1}}
    return {
        name: {**fields[name], share: min(fields[name][share], cap)}
        for name, share in _THINKING.items()
        if name in fields and share in fields[name] and name not in drop_fields
    }


def _check_cap(checked: Checked, cap: int | None) -> None:
    if cap is None and checked.endpoint == "/embeddings":
        return
    if type(cap) is not int or cap < 1 or cap > (checked.cap or cap) or checked.endpoint == "/embeddings":
        raise ValueError(f"a cap of {cap!r} tokens cannot be sent to {checked.endpoint}")


def _stream_options(checked: Checked) -> bytes:
    """The upstream is always asked for the usage, whether the client is to see it or not."""
    options = checked.stream_options
    if not options or options.keys() == {"include_usage"}:
        return b',"stream_options":{"include_usage":true}'
    return b',"stream_options":' + encode({**options, "include_usage": True})


def _check_together(reading: Reading) -> None:
    """What no field says alone."""
    if reading.best_of is not None and reading.best_of < reading.choices:
        raise wrong_value("best_of", f"at least n, which is {reading.choices}")
    if reading.chosen is not None:
        check_choices(reading)
    cap = reading.cap
    if cap is None:
        return
    if reading.thinking_within_cap is not None and reading.thinking_within_cap > cap:
        raise wrong_value(reading.thinking_at, f"at most the cap of the answer, which is {cap} tokens")
    if reading.least is not None and reading.least > cap:
        raise wrong_value("min_tokens", f"at most the cap of the answer, which is {cap} tokens")
