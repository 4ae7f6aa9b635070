"""Translates documents into Firestore's protocol buffers, and back.

The plain message classes are used, not their `proto-plus` wrappers, which take six times as long: every request
passes here. Data is checked before (`checks`), so what is written here has a Firestore type.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore_v1 import types
from google.protobuf.timestamp_pb2 import Timestamp

from functions.farebox.storage.model import Data, Document

Value = types.Value.pb()
_Array = types.ArrayValue.pb()
_Map = types.MapValue.pb()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping's values, each as a `Value`."""
    return {name: encode(value) for name, value in data.items()}


def encode(value: Any) -> Any:
    """A value as a `Value`. A `bool` is an `int` in Python, so it is asked for first."""
    if value is None:
        return Value(null_value=0)
    if isinstance(value, bool):
        return Value(boolean_value=value)
    if isinstance(value, int):
        return Value(integer_value=value)
    if isinstance(value, float):
        return Value(double_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, datetime):
        return Value(timestamp_value=_timestamp(value))
    if isinstance(value, Mapping):
        return Value(map_value=_Map(fields=encode_fields(value)))
    return Value(array_value=_Array(values=[encode(item) for item in value]))


def decode_fields(fields: Mapping[str, Any]) -> Data:
    """The data of a map of `Value`s."""
    return {name: decode(value) for name, value in fields.items()}


def decode(value: Any) -> Any:
    """What a `Value` holds; `TypeError` for a type that nothing of ours writes, such as bytes."""
    kind = value.WhichOneof("value_type")
    if kind not in _DECODERS:
        raise TypeError(f"a field holds Firestore's {kind}, which Farebox does not store")
    return _DECODERS[kind](value)


def decode_document(found: Any, root: str) -> Document:
    """A document read from the database whose documents' names begin with `root`."""
    path = found.name.removeprefix(root)
    return Document(path, decode_fields(found.fields), version_of(found.update_time))


def version_of(update_time: Timestamp) -> str:
    """An update time as a version: exact, since a precondition must name it to the last digit."""
    return f"{update_time.seconds}.{update_time.nanos:09}"


def update_time_of(version: str) -> Timestamp:
    """The update time that a version names."""
    seconds, _, nanos = version.partition(".")
    return Timestamp(seconds=int(seconds), nanos=int(nanos))


def _timestamp(moment: datetime) -> Timestamp:
    """Whole numbers all the way: a float of seconds would round microseconds."""
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


def _datetime(stamp: Timestamp) -> datetime:
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "null_value": lambda value: None,
    "boolean_value": lambda value: value.boolean_value,
    "integer_value": lambda value: value.integer_value,
    "double_value": lambda value: value.double_value,
    "string_value": lambda value: value.string_value,
    "timestamp_value": lambda value: _datetime(value.timestamp_value),
    "map_value": lambda value: decode_fields(value.map_value.fields),
    "array_value": lambda value: [decode(item) for item in value.array_value.values],
}
