"""The messages that are sent and read are Google's, field by field. Their package comes with `firebase-admin`."""

import pytest
from google.cloud.firestore_v1 import types
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from functions.farebox.storage.firestore.protocol import firestore_pb2 as protocol

MESSAGES = sorted(set(protocol.DESCRIPTOR.message_types_by_name) - {"LatLng"})


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_nothing_that_googles_has_not(name: str) -> None:
    _compare(protocol.DESCRIPTOR.message_types_by_name[name], getattr(types, name).pb().DESCRIPTOR)


def _compare(ours: Descriptor, googles: Descriptor) -> None:
    for field in ours.fields:
        theirs = googles.fields_by_name[field.name]
        assert _form(field) == _form(theirs), f"{ours.name}.{field.name}"
    for name, nested in ours.nested_types_by_name.items():
        _compare(nested, googles.nested_types_by_name[name])
    for name, enum in ours.enum_types_by_name.items():
        values = googles.enum_types_by_name[name].values_by_name
        assert all(values[value.name].number == value.number for value in enum.values)


def _form(field: FieldDescriptor) -> tuple[object, ...]:
    oneof = field.containing_oneof.name if field.containing_oneof else None
    message = field.message_type.name if field.message_type else None
    return field.number, field.type, field.is_repeated, oneof, message
