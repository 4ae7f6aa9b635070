"""Configuration entries, checked by a msgspec struct; what is wrong is told by its field and by what to write there."""

import re
from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct, ValidationError, convert

T = TypeVar("T", bound=Struct)

_PLACE = re.compile(r"`\$\.(\w+)")
_MISSING = re.compile(r"missing required field `(\w+)`")
_INSIDE = re.compile(r"` - at `\$\.(\w+)(?:\W[^`]*)?`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)")


def read_entry(entry: Mapping[str, object], form: type[T], wanted: Mapping[str, str]) -> T:
    """The entry as a struct. `wanted` says of each field what to write there, as in `a whole number from 1 to 5`.

    Raises `ValueError` that names the field. It never repeats a value, which may be a secret.
    """
    try:
        return convert(entry, form)
    except ValidationError as error:
        raise ValueError(_explain(str(error), wanted)) from None


def _explain(problem: str, wanted: Mapping[str, str]) -> str:
    unknown = _UNKNOWN.search(problem)
    inside = _INSIDE.search(problem)
    if unknown is not None and inside is not None and inside[1] in wanted:
        return f"{inside[1]}: write {wanted[inside[1]]}"
    if unknown is not None:
        return f"{unknown[1][:64]}: there is no such field"
    field = _PLACE.search(problem) or _MISSING.search(problem)
    return "the names of fields must be text" if field is None else f"{field[1]}: write {wanted[field[1]]}"
