"""Translates documents into Firestore's protocol buffers, and back.

A message is filled where it is part of its request: making each `Value` and copying it to its place takes three times
as long, and every request passes here. Data is checked before (`checks`), so what is written here has a Firestore type.
"""

from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from functions.farebox.storage.firestore.protocol import firestore_pb2 as protocol
from functions.farebox.storage.model import Data, Document
from functions.farebox.storage.versions import newest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode_fields(data: Mapping[str, Any], into: MutableMapping[str, protocol.Value]) -> None:
    """Add a mapping's values to the fields of a message."""
    for name, value in data.items():
        encode(value, into[name])


def encode(value: Any, into: protocol.Value) -> None:
    """Have a `Value` hold a value. A `bool` is an `int` in Python, so it is asked for first."""
    if isinstance(value, str):
        into.string_value = value
    elif isinstance(value, bool):
        into.boolean_value = value
    elif isinstance(value, int):
        into.integer_value = value
    elif value is None:
        into.null_value = protocol.NULL_VALUE
    elif isinstance(value, float):
        into.double_value = value
    elif isinstance(value, datetime):
        _set_time(into.timestamp_value, value)
    elif isinstance(value, Mapping):
        into.map_value.SetInParent()  # one that is empty is there all the same
        encode_fields(value, into.map_value.fields)
    else:
        into.array_value.SetInParent()
        for item in value:
            encode(item, into.array_value.values.add())


def value_of(value: Any) -> protocol.Value:
    """A value as a message of its own, for a query."""
    message = protocol.Value()
    encode(value, message)
    return message


def decode_fields(fields: Mapping[str, protocol.Value]) -> Data:
    """The data of a map of `Value`s."""
    return {name: decode(value) for name, value in fields.items()}


def decode(value: protocol.Value) -> Any:
    """What a `Value` holds; `TypeError` for a type that nothing of ours writes, such as bytes."""
    kind = value.WhichOneof("value_type")
    if kind not in _DECODERS:
        raise TypeError(f"a field holds Firestore's {kind}, which Farebox does not store")
    return _DECODERS[kind](value)


def decode_document(found: protocol.Document, root: str) -> Document:
    """A document read from the database whose documents' names begin with `root`."""
    path = found.name.removeprefix(root)
    return newest(Document(path, decode_fields(found.fields), version_of(found.update_time)))


def version_of(update_time: Timestamp) -> str:
    """An update time as a version: exact, since a precondition must name it to the last digit."""
    return f"{update_time.seconds}.{update_time.nanos:09}"


def set_update_time(version: str, into: Timestamp) -> None:
    """Have a `Timestamp` hold the update time that a version names."""
    seconds, _, nanos = version.partition(".")
    into.seconds = int(seconds)
    into.nanos = int(nanos)


def _set_time(into: Timestamp, moment: datetime) -> None:
    """Whole numbers all the way: a float of seconds would round microseconds."""
    since = moment - _EPOCH
    into.seconds = since.days * 86_400 + since.seconds
    into.nanos = since.microseconds * 1000


def _datetime(stamp: Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


_DECODERS: dict[str | None, Callable[[protocol.Value], Any]] = {
    "null_value": lambda value: None,
    "boolean_value": lambda value: value.boolean_value,
    "integer_value": lambda value: value.integer_value,
    "double_value": lambda value: value.double_value,
    "string_value": lambda value: value.string_value,
    "timestamp_value": lambda value: _datetime(value.timestamp_value),
    "map_value": lambda value: decode_fields(value.map_value.fields),
    "array_value": lambda value: [decode(item) for item in value.array_value.values],
}
