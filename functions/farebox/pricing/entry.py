"""Reads what a price's entry says, field by field; whatever is wrong is told by the model's name and the field's."""

import re
from collections.abc import Mapping
from decimal import Decimal

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import format_usd, parse_usd
from functions.farebox.tokens.usage.usage import MAX_TOKENS

MAX_TIERS = 10
MAX_NAMES = 20

_WHOLE = re.compile(r"[0-9]{1,12}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TOOL_NAME = re.compile(
    r"(?=.{1,32}\Z)[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?"
)  # `speed.fast` is a field's word, and not its default


class Entry:
    """An object of an entry, at `path` within it. Its methods raise `InvalidRequest`."""

    def __init__(self, model: str, values: object, known: tuple[str, ...], path: str = "") -> None:
        """`known` are the fields that it may have."""
        self._model = model
        self._path = path
        if not isinstance(values, Mapping):
            raise self.bad("", "write an object of prices")
        self._values: Mapping[str, object] = values
        if unknown := sorted(str(name) for name in values if name not in known):
            raise self.bad(unknown[0][:80], f"it is none of {', '.join(known)}")

    def bad(self, field: str, problem: str) -> InvalidRequest:
        """The refusal of a field of it."""
        name = self._within(field).strip(".")
        where = f"{self._model}: {name}" if name else self._model
        return InvalidRequest(f"The price of {where}: {problem}.", code="invalid_price", param=name or None)

    def has(self, field: str) -> bool:
        """Whether it says anything of a field."""
        return self._values.get(field) is not None

    def usd(self, field: str, ceiling: int) -> int:
        """An amount, in nano-USD."""
        try:
            nanos = parse_usd(_decimal_text(self._values[field]))
        except ValueError as error:
            raise self.bad(field, str(error)) from error
        if nanos < 0:
            raise self.bad(field, "a price may not be negative")
        if nanos > ceiling:
            raise self.bad(field, f"it is more than {format_usd(ceiling)} USD")
        return nanos

    def tokens(self, field: str) -> int | None:
        """A count of tokens, more than 0."""
        value = self._values.get(field)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if value is None:
            return None
        if type(value) is not int or not 0 < value <= MAX_TOKENS:
            raise self.bad(field, f"write a whole number from 1 to {MAX_TOKENS}")
        return value

    def line(self, field: str) -> str | None:
        """A line of text."""
        value = self._values.get(field)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= 300 or not value.isprintable():
            raise self.bad(field, "write a line of at most 300 characters")
        return value

    def names(self, field: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
        """A list of some of these names, in their order."""
        values = self._values.get(field)
        if values is None:
            return None
        if not isinstance(values, list | tuple) or not 0 < len(values) <= len(known):
            raise self.bad(field, f"write a list of 1 to {len(known)} names")
        if unknown := [str(name)[:80] for name in values if name not in known]:
            raise self.bad(field, f"{unknown[0]!r} is none of {', '.join(known)}")
        return tuple(name for name in known if name in values)

    def objects(self, field: str, known: tuple[str, ...]) -> "list[Entry]":
        """The objects of a list."""
        values = self._values.get(field)
        if values is None:
            return []
        if not isinstance(values, list | tuple) or len(values) > MAX_TIERS:
            raise self.bad(field, f"write a list of at most {MAX_TIERS} objects")
        return [Entry(self._model, each, known, self._within(f"{field}[{n}]")) for n, each in enumerate(values)]

    def named_objects(self, field: str, known: tuple[str, ...]) -> "dict[str, Entry]":
        """The objects of an object, by name."""
        return {
            name: Entry(self._model, each, known, self._within(f"{field}.{name}"))
            for name, each in self._named(field).items()
        }

    def named_usd(self, field: str, ceiling: int) -> dict[str, int]:
        """The amounts of an object, by a tool's name, in nano-USD."""
        named = self._named(field, _TOOL_NAME)
        amounts = Entry(self._model, named, tuple(named), self._within(field))
        return {name: amounts.usd(name, ceiling) for name in named}

    def named_tokens(self, field: str, most: int) -> dict[str, int]:
        """The whole numbers of an object, by a tool's name."""
        named = self._named(field, _TOOL_NAME)
        for name, value in named.items():
            if type(value) is not int or not 0 <= value <= most:
                raise self.bad(f"{field}.{name}", f"write a whole number from 0 to {most}")
        return {name: value for name, value in named.items() if type(value) is int}

    def _named(self, field: str, form: re.Pattern[str] = _NAME) -> Mapping[str, object]:
        values = self._values.get(field)
        if values is None:
            return {}
        if not isinstance(values, Mapping) or len(values) > MAX_NAMES:
            raise self.bad(field, f"write an object of at most {MAX_NAMES} names")
        for name in values:
            if not isinstance(name, str) or not form.fullmatch(name):
                point = "" if form is _NAME else ", with a point in between if it has one"
                raise self.bad(field, f"{str(name)[:80]!r} is no name: write up to 32 of a-z 0-9 _{point}")
        return values

    def _within(self, field: str) -> str:
        return f"{self._path}.{field}" if self._path else field


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
