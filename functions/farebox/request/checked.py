"""The checked request: the one object that a request is priced by and written from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from functions.farebox.request.content import CACHE_CONTROL, read_cache_controls
from functions.farebox.request.fate import Feature, Reading, Table, read_fields
from functions.farebox.request.json_body import encode
from functions.farebox.request.values import wrong_value

Endpoint = Literal["/chat/completions", "/completions", "/embeddings", "/messages", "/responses"]

NO_FEATURES: frozenset[Feature] = frozenset()
NO_FIELDS: Mapping[str, Any] = {}

_CACHE_CONTROL = f'"{CACHE_CONTROL}"'.encode()
_WHOLE = {int}  # and no bool, which is another type
_WHOLE_OR_NONE = {int, type(None)}
_CAP_NAMES = {"/responses": "max_output_tokens"}
_heads: dict[str, bytes] = {}  # known names, as they stand before their values


@dataclass(slots=True)
class Checked:
    """A request, checked. It is not changed after it was made, and cannot be made with an amount that is none.

    `fields` are passed on, as they were read; `encoded` are the same as JSON, made once for every attempt. What
    bounds an answer is in fields of its own, from which `write` names it anew.
    """

    endpoint: Endpoint
    model: str  # the public name
    table: Table = field(repr=False)  # the dialect's
    fields: dict[str, Any]
    encoded: dict[str, bytes]
    stream: bool = False
    stream_options: Mapping[str, object] | None = None  # what the client said of them
    choices: int = 1  # that each prompt gets
    prompts: int = 1  # more than one in legacy completions alone
    best_of: int | None = None  # completions that are generated for the choices of a prompt, where that was said
    cap: int | None = None  # the most tokens of a choice that the client named, by whichever fields
    thinking_beside_cap: int = 0  # tokens that a choice may have beside its cap
    prediction_bytes: int = 0  # of text that may be charged as output
    features: frozenset[Feature] = NO_FEATURES
    media: tuple[Mapping[str, object], ...] = ()  # parts of the prompt whose tokens are bounded one by one
    unknown: Mapping[str, Any] = field(default_factory=dict)  # top-level fields that no table knows
    dropped: tuple[str, ...] = ()  # the names of those and of nested ones, printable, the first 32

    def __post_init__(self) -> None:
        cap, best_of = self.cap, self.best_of
        amounts = {type(self.choices), type(self.prompts), type(self.thinking_beside_cap), type(self.prediction_bytes)}
        if amounts != _WHOLE or type(cap) not in _WHOLE_OR_NONE or type(best_of) not in _WHOLE_OR_NONE:
            raise ValueError("amounts are whole numbers")
        if self.choices < 1 or self.prompts < 1 or (cap is not None and cap < 1):
            raise ValueError("there is at least one prompt, one choice and one token")
        if self.thinking_beside_cap < 0 or self.prediction_bytes < 0:
            raise ValueError("no amount is negative")
        if best_of is not None and best_of < self.choices:
            raise ValueError("no more choices come back than are generated")

    @property
    def wants_usage(self) -> bool:
        """Whether the client wants a stream to tell its usage."""
        return self.stream_options is not None and self.stream_options.get("include_usage") is True

    @property
    def generated(self) -> int:
        """How many completions are generated, and charged."""
        return self.prompts * (self.best_of or self.choices)

    def output_bound(self, cap: int) -> int:
        """The most tokens of output that can be charged where each choice is sent with this cap."""
        return self.generated * (cap + self.thinking_beside_cap + self.prediction_bytes)

    def sent_bytes(self, pass_fields: Collection[str] = ()) -> int:
        """How many bytes of JSON are sent, apart from what `write` adds. A byte bounds a token of text."""
        sent = 2 + len(self.model)
        for name, value in self.encoded.items():
            sent += len(name) + len(value) + 4
        for name in pass_fields:
            if name in self.unknown:
                sent += len(name.encode()) + len(encode(self.unknown[name])) + 4
        return sent

    def body(self) -> dict[str, Any]:
        """The request as an object in its own dialect's words, for who translates it: what is passed on, the model's
        public name, the client's cap, and whether it is to be streamed. Nothing in it is to be changed."""
        body = {"model": self.model, **self.fields}
        if self.cap is not None:
            body[_CAP_NAMES.get(self.endpoint, "max_tokens")] = self.cap
        if self.stream:
            body["stream"] = True
        return body


def check(endpoint: Endpoint, body: Mapping[str, object], table: Table) -> Checked:
    """Read a body by a dialect's table. Raises `InvalidRequest` that names the field at fault."""
    reading = Reading()
    fields = read_fields(body, table, reading)
    encoded = {}
    for name, value in fields.items():
        encoded[name] = json = encode(value)
        if _CACHE_CONTROL in json:
            read_cache_controls(value, name, reading)
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
        reading.thinking_beside_cap,
        reading.prediction_bytes,
        NO_FEATURES if reading.features is None else _bounded(reading.features, reading.max_tool_calls),
        () if reading.media is None else tuple(reading.media),
        NO_FIELDS if reading.unknown is None else reading.unknown,
        () if reading.dropped is None else tuple(reading.dropped),
    )


def write(
    checked: Checked,
    *,
    model: str,
    cap: int | None,
    cap_field: str,
    stream_options: bool = True,
    pass_fields: Collection[str] = (),
    drop_fields: Collection[str] = (),
) -> bytes:
    """The body for one upstream, which is written nowhere else.

    `model` is the upstream's name for it, `cap` the most tokens that each choice may have, in `cap_field`, the one
    that this upstream reads; `None` for embeddings alone. `stream_options`: it takes the wish for a stream's usage.
    `pass_fields` lets fields through that no table knows, but none that is refused or bounds the cost in some dialect;
    `drop_fields` leaves known ones out, but neither the model nor the cap.
    """
    _check_cap(checked, cap)
    pieces = [b'{"model":', encode(model)]
    for name, value in checked.encoded.items():
        if name not in drop_fields and name != cap_field:
            pieces += (_head(name), value)
    for name in pass_fields:
        if name in checked.unknown:
            pieces += (b",", encode(name), b":", encode(checked.unknown[name]))
    if checked.choices != 1 and "n" not in drop_fields:
        pieces.append(b',"n":%d' % checked.choices)
    if checked.best_of is not None and "best_of" not in drop_fields:
        pieces.append(b',"best_of":%d' % checked.best_of)
    if cap is not None:
        pieces += (_head(cap_field), b"%d" % cap)
    if checked.stream:
        pieces.append(b',"stream":true')
        if stream_options and "stream_options" not in drop_fields:
            pieces.append(_stream_options(checked))
    pieces.append(b"}")
    return b"".join(pieces)


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


def _head(name: str) -> bytes:
    """A known field's name before its value. There are as many as the tables and upstreams name."""
    head = _heads.get(name)
    if head is None:
        head = _heads[name] = b"," + encode(name) + b":"
    return head


def _check_together(reading: Reading) -> None:
    """What no field says alone."""
    if reading.best_of is not None and reading.best_of < reading.choices:
        raise wrong_value("best_of", f"at least n, which is {reading.choices}")
    thinking = reading.thinking_within_cap
    if thinking is not None and reading.cap is not None and thinking > reading.cap:
        raise wrong_value("thinking.budget_tokens", f"at most the cap of the answer, which is {reading.cap} tokens")


def _bounded(features: list[Feature], max_tool_calls: int | None) -> frozenset[Feature]:
    """The features, those that nothing else bounds by the calls that are allowed."""
    if max_tool_calls is None:
        return frozenset(features)
    return frozenset(
        Feature(feature.name, feature.param, max_tool_calls) if feature.most is None else feature
        for feature in features
    )
