"""A count as strangers write it. What is malformed counts as missing: it never crashes a reader or mints money."""

import re
from collections.abc import Iterable, Mapping

from functions.farebox.tokens.usage.usage import MAX_TOKENS

Object = Mapping[str, object]

_WHOLE = re.compile(r"[0-9]{1,12}(\.0{1,6})?")
_NOTHING: Object = {}


def count(value: object) -> int | None:
    """The whole number that was meant by `1000`, `1000.0` or `"1000"`; `None` for anything else, and for one beyond
    `MAX_TOKENS`. A bool is an `int` in Python, and no count."""
    if type(value) is str and _WHOLE.fullmatch(value):
        value = int(value.partition(".")[0])
    elif type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_TOKENS else None


def larger(one: int | None, other: int | None) -> int | None:
    """The larger of two counts, either of which may be missing."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def largest(holders: Iterable[Object], names: Iterable[str]) -> int | None:
    """The largest count that stands under any of these names. Vendors and proxies say one thing under several names
    and in several places at once, so what is found twice is still one."""
    found = None
    for holder in holders:
        for name in names:
            if name in holder:
                found = larger(found, count(holder[name]))
    return found


def inner(holder: Object, *names: str) -> list[Object]:
    """The objects that stand under these names."""
    return [value for name in names if isinstance(value := holder.get(name), dict)]


def child(holder: Object, name: str) -> Object:
    """The object under this name; an empty one where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else _NOTHING


def rows(holder: Object, *names: str) -> list[Object]:
    """The objects in the lists under these names."""
    lists = [value for name in names if isinstance(value := holder.get(name), list)]
    return [row for found in lists for row in found if isinstance(row, dict)]
