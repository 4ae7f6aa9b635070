"""Checks of writes and queries before they are sent: what `model` forbids, so that both engines refuse the same.

Everything here raises `TypeError` for a value that cannot be kept and `ValueError` for a request out of bounds:
both are mistakes of the caller, never something to try again.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.farebox.storage.model import (
    MAX_PAGE,
    MAX_WRITES,
    Create,
    Increment,
    Query,
    Set,
    Update,
    Write,
)

INT_BITS = 64  # of a whole number, with its sign
MIN_INT = -(2 ** (INT_BITS - 1))
MAX_INT = 2 ** (INT_BITS - 1) - 1
NAMES_KNOWN = 4096  # field names, and keys, that are not checked again
MAX_ID_BYTES = 1500  # https://firebase.google.com/docs/firestore/quotas

_NAME = re.compile(r"[A-Za-z0-9_]+")
_field_names: set[str] = set()
_keys: set[str] = set()
_time_names: set[str] = set()  # of fields; what may be a field may be a key too


def is_time_field(name: str) -> bool:
    """Whether the field of this name holds a datetime or `None`."""
    return name.endswith("_at")


def check_writes(writes: Sequence[Write]) -> None:
    """Refuse a commit with too many writes, two writes of one path, or data that cannot be kept."""
    if len(writes) > MAX_WRITES:
        raise ValueError(f"{len(writes)} writes in one commit; {MAX_WRITES} is the most")
    if len(writes) > 1 and len({write.path for write in writes}) != len(writes):
        raise ValueError("a commit writes a path once")
    for write in writes:
        split_path(write.path)
        if not can_exist(write.path):
            raise ValueError(f"no document may be at {write.path!r}")
        match write:
            case Create() | Set():
                check_fields(write.data)
            case Update():
                check_fields(write.fields)
            case Increment():
                check_fields(write.fields)
                check_fields(write.amounts)
                _check_amounts(write)


def check_fields(fields: Mapping[str, Any]) -> None:
    """Refuse top-level fields with a name or a value, at any depth, that cannot be kept."""
    _check_items(fields, _field_names, _check_field_name)


def check_query(query: Query) -> None:
    """Refuse a page that the engines would answer differently, or not at all."""
    _check_scope(query)
    if not 1 <= query.limit <= MAX_PAGE:
        raise ValueError(f"a page holds 1 to {MAX_PAGE} documents, not {query.limit}")
    if query.order_by is not None:
        _check_field_name(query.order_by)
    elif query.descending:
        raise ValueError("what is not ordered by a field is listed by id, upward only")
    elif any(clause.op != "==" for clause in query.where):
        raise ValueError("a range needs an order_by")
    if query.after is not None:
        _check_cursor(query, query.after)


def check_aggregate(query: Query, sums: Sequence[str]) -> None:
    """Refuse an aggregate that the engines would answer differently, or not at all."""
    _check_scope(query)
    for name in sums:
        _check_field_name(name)


def split_path(path: str) -> tuple[str, str]:
    """A document's collection and id: `wallets/u1/leases/l1` is `("wallets/u1/leases", "l1")`."""
    if path.count("/") % 2 == 0 or not all(path.split("/")):
        raise ValueError(f"{path!r} is no document's path")
    collection, _, document_id = path.rpartition("/")
    return collection, document_id


def can_exist(path: str) -> bool:
    """Whether Firestore lets a document be at a path: reading elsewhere finds nothing, writing there is refused."""
    if len(path) <= MAX_ID_BYTES and path.isascii() and "." not in path and "__" not in path:
        return True  # no id in it can be one of those that are not possible
    return all(_is_possible_id(name) for name in path.split("/"))


def _is_possible_id(name: str) -> bool:
    if name in (".", "..") or (name.startswith("__") and name.endswith("__")):
        return False
    return _is_unicode(name) and len(name.encode()) <= MAX_ID_BYTES


def _check_scope(query: Query) -> None:
    names = query.collection.split("/")
    if len(names) % 2 == 0 or not all(names) or not _NAME.fullmatch(names[-1]):
        raise ValueError(f"{query.collection!r} is no collection")
    if query.group and "/" in query.collection:
        raise ValueError(f"a group is the last name of a collection, not {query.collection!r}")
    for clause in query.where:
        _check_field_name(clause.field)
        _check_scalar(clause.field, clause.value)
        if clause.value is None and clause.op != "==":
            raise ValueError(f"{clause.field}: None is only ever equal, not {clause.op}")


def _check_amounts(write: Increment) -> None:
    for name, amount in write.amounts.items():
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise TypeError(f"{name} grows by a whole number, not by {type(amount).__name__}")
        if name in write.fields:
            raise ValueError(f"{name} is both set and incremented")


def _check_cursor(query: Query, after: tuple[Any, ...]) -> None:
    parts = 1 if query.order_by is None else 2
    if len(after) != parts or not isinstance(after[-1], str):
        raise ValueError(f"a cursor of this query has {parts} part(s), the last an id or a path")
    if query.group:
        split_path(after[-1])
    if query.order_by is not None:
        _check_scalar(query.order_by, after[0])


def _check_scalar(name: str, value: Any) -> None:
    if isinstance(value, Mapping | list | tuple):
        raise TypeError(f"{name} is compared with a {type(value).__name__}; only scalars have an order")
    _check_value(name, value)


def _check_field_name(name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise TypeError(f"{name!r} is no field name: [A-Za-z0-9_] only")


def _check_key(key: str) -> None:
    """The same for the keys of nested mappings."""
    if not isinstance(key, str) or not key or "." in key or "`" in key:
        raise TypeError(f"{key!r} is no key of a mapping; a key is text without a dot or a backtick")
    _check_text(f"the key {key!a}", key)


def _check_items(mapping: Mapping[Any, Any], known: set[str], check_name: Callable[[str], None]) -> None:
    """Check the names and values of a mapping. `known` are names that are good, and not a time's.

    Every value of every request passes here, so the plain types that nearly all of them have come first.
    """
    if not known.issuperset(mapping):
        _check_unknown(mapping, known, check_name)
    for name, value in mapping.items():
        kind = type(value)
        if kind is str:
            if not value.isascii():
                _check_text(name, value)
        elif kind is int:
            if value.bit_length() >= INT_BITS:
                _check_number(name, value)
        elif kind is dict:
            _check_items(value, _keys, _check_key)
        elif kind is list:
            _check_list(name, value)
        elif value is not None and kind is not bool:
            _check_value(name, value)


def _check_unknown(mapping: Mapping[Any, Any], known: set[str], check_name: Callable[[str], None]) -> None:
    """Check those names that are new, and what stands under a time's."""
    for name in set(mapping).difference(known):
        if not _learn(name, known, check_name):
            _check_value(name, mapping[name])


def _learn(name: str, known: set[str], check_name: Callable[[str], None]) -> bool:
    """Check a name that is new; answers whether any value may stand under it that is no time."""
    if name in _time_names:
        return False
    check_name(name)
    if is_time_field(name):
        if _NAME.fullmatch(name) and len(_time_names) < NAMES_KNOWN:
            _time_names.add(name)
        return False
    if len(known) < NAMES_KNOWN:
        known.add(name)
    return True


def _check_value(name: str, value: Any) -> None:
    """Refuse a value under a name. What a list holds has no name of its own, so it is no datetime."""
    if value is None:
        return
    if isinstance(value, datetime) or is_time_field(name):
        _check_datetime(name, value)
    elif isinstance(value, str):
        _check_text(name, value)
    elif isinstance(value, int | float):
        _check_number(name, value)
    elif isinstance(value, Mapping):
        _check_items(value, _keys, _check_key)
    elif isinstance(value, list | tuple):
        _check_list(name, value)
    else:
        raise TypeError(f"{name} holds {type(value).__name__}, which is not stored")


def _check_number(name: str, value: int | float) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{name} is {value}, which is no number")
    elif not MIN_INT <= value <= MAX_INT:
        raise TypeError(f"{name} does not fit in 64 bits: {value}")


def _check_datetime(name: str, value: Any) -> None:
    if not isinstance(value, datetime):
        raise TypeError(f"{name} holds a datetime or None, not {type(value).__name__}")
    if not is_time_field(name):
        raise TypeError(f"{name} holds a datetime, so its name must end in _at")
    if value.utcoffset() is None:
        raise TypeError(f"{name} holds a datetime without a time zone")


def _check_text(name: str, text: str) -> None:
    if not _is_unicode(text):
        raise TypeError(f"{name} holds half a surrogate pair")


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_list(name: str, items: Iterable[Any]) -> None:
    for item in items:
        if type(item) is dict:
            _check_items(item, _keys, _check_key)
        elif isinstance(item, list | tuple):
            raise TypeError(f"{name} holds a list in a list")
        else:
            _check_value("", item)
