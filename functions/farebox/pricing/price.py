"""A price: what a model's tokens cost, by class, and how it is written in configuration and in storage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import NANOS_PER_USD, format_usd, parse_usd
from functions.farebox.tokens.usage.usage import MAX_TOKENS

PRICED_TOKENS = 1_000_000  # tokens that a unit price is for
# With these and `MAX_TOKENS`, no bill leaves 64 bits, whatever an upstream reports.
MAX_UNIT_PRICE = 100_000 * NANOS_PER_USD
MAX_REQUEST_PRICE = 1_000 * NANOS_PER_USD

CLASSES = ("input", "cached_input", "cache_write", "audio_input", "output", "reasoning", "audio_output")

_MODEL = re.compile(r"[A-Za-z0-9@][!-~]{0,199}")  # as in `meta-llama/Llama-3.3-70B` and `@cf/google/gemma-3-12b-it`
_WHOLE = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Unit prices in nano-USD per 1,000,000 tokens of a class, and `request` in nano-USD for each request.

    A class without a price of its own costs what its side costs, `input` or `output`. `context_tokens` is the most
    tokens that a prompt may have at this price. `version` is empty until the price is in a price list.
    """

    model: str
    input: int
    output: int
    cached_input: int
    cache_write: int
    audio_input: int
    reasoning: int
    audio_output: int
    request: int = 0
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    source: str | None = None  # where the price was published
    dated: str | None = None  # the day on which it was: `2026-11-12`
    version: str = ""
    effective_at: datetime | None = None

    @property
    def dearest_input(self) -> int:
        """The highest unit price that a prompt token can have."""
        return max(self.input, self.cached_input, self.cache_write, self.audio_input)

    @property
    def dearest_output(self) -> int:
        """The highest unit price that a completion token can have."""
        return max(self.output, self.reasoning, self.audio_output)

    def same_terms(self, other: "Price") -> bool:
        """Whether both say the same, versions aside."""
        return replace(self, version="", effective_at=None) == replace(other, version="", effective_at=None)

    def as_version(self, version: str, effective_at: datetime) -> Self:
        """The same price as it enters a price list."""
        return replace(self, version=version, effective_at=effective_at)

    @classmethod
    def from_config(cls, model: str, entry: object) -> Self:
        """The price that an entry of `FAREBOX_PRICING`, the built-in list or an admin writes:

        `{input_usd_per_1m, output_usd_per_1m, cached_input_usd_per_1m?, cache_write_usd_per_1m?,
        audio_input_usd_per_1m?, reasoning_usd_per_1m?, audio_output_usd_per_1m?, request_usd?, context_tokens?,
        max_output_tokens?, source?, dated?}`

        Amounts are decimal strings or numbers of USD. Raises `InvalidRequest` that names the model and the field.
        """
        if not _MODEL.fullmatch(model):
            raise InvalidRequest(
                f"{model[:80]!r} is no name of a model: write up to 200 printable ASCII characters without spaces.",
                code="invalid_price",
                param="model",
            )
        if not isinstance(entry, Mapping):
            raise _bad(model, None, "write an object of prices")
        if unknown := sorted(str(name) for name in entry if name not in _CONFIG_NAMES):
            raise _bad(model, unknown[0][:80], f"it is none of {', '.join(_CONFIG_NAMES)}")
        own = {name: _unit_price(model, entry, name) for name in CLASSES if entry.get(_usd_name(name)) is not None}
        for name in ("input", "output"):
            if name not in own:
                raise _bad(model, _usd_name(name), "it is missing")
        request = entry.get("request_usd")
        return cls(
            model=model,
            input=own["input"],
            cached_input=own.get("cached_input", own["input"]),
            cache_write=own.get("cache_write", own["input"]),
            audio_input=own.get("audio_input", own["input"]),
            output=own["output"],
            reasoning=own.get("reasoning", own["output"]),
            audio_output=own.get("audio_output", own["output"]),
            request=0 if request is None else _amount(model, "request_usd", request, MAX_REQUEST_PRICE),
            context_tokens=_tokens(model, entry, "context_tokens"),
            max_output_tokens=_tokens(model, entry, "max_output_tokens"),
            source=_text(model, entry, "source"),
            dated=_text(model, entry, "dated"),
        )

    def to_config(self) -> dict[str, Any]:
        """The entry that `from_config` reads, every class written out."""
        entry: dict[str, Any] = {_usd_name(name): format_usd(getattr(self, name)) for name in CLASSES}
        entry["request_usd"] = format_usd(self.request)
        facts = {name: getattr(self, name) for name in _FACTS}
        return entry | {name: value for name, value in facts.items() if value is not None}

    def to_document(self) -> dict[str, Any]:
        """The price as it is stored."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def from_document(cls, data: Mapping[str, Any]) -> Self:
        """The price that was stored."""
        return cls(**{name: data[name] for name in _FIELDS})


_FIELDS = tuple(field.name for field in fields(Price))
_FACTS = ("context_tokens", "max_output_tokens", "source", "dated")


def _usd_name(token_class: str) -> str:
    return f"{token_class}_usd_per_1m"


_CONFIG_NAMES = (*map(_usd_name, CLASSES), "request_usd", *_FACTS)


def _bad(model: str, field: str | None, problem: str) -> InvalidRequest:
    where = f"{model}: {field}" if field else model
    return InvalidRequest(f"The price of {where}: {problem}.", code="invalid_price", param=field)


def _unit_price(model: str, entry: Mapping[str, object], token_class: str) -> int:
    name = _usd_name(token_class)
    return _amount(model, name, entry[name], MAX_UNIT_PRICE)


def _amount(model: str, name: str, value: object, ceiling: int) -> int:
    try:
        nanos = parse_usd(_decimal_text(value))
    except ValueError as error:
        raise _bad(model, name, str(error)) from error
    if nanos < 0:
        raise _bad(model, name, "a price may not be negative")
    if nanos > ceiling:
        raise _bad(model, name, f"it is more than {format_usd(ceiling)} USD")
    return nanos


def _decimal_text(value: object) -> str:
    """A number as it was written, without an exponent. A float is taken by its shortest decimal form, and only read."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("write an amount of USD as a decimal string or number")
    number = Decimal(str(value))
    if not number.is_finite() or not -30 < number.adjusted() < 30:
        raise ValueError("write an amount of USD with at most nine decimals, like 0.0375")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tokens(model: str, entry: Mapping[str, object], name: str) -> int | None:
    value = entry.get(name)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if value is None:
        return None
    if type(value) is not int or not 0 < value <= MAX_TOKENS:
        raise _bad(model, name, f"write a whole number from 1 to {MAX_TOKENS}")
    return value


def _text(model: str, entry: Mapping[str, object], name: str) -> str | None:
    value = entry.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 300 or not value.isprintable():
        raise _bad(model, name, "write a line of at most 300 characters")
    return value
