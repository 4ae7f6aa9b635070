"""Translates writes and their preconditions into Firestore's protocol buffers."""

from collections.abc import Iterable

from functions.farebox.storage.firestore.protocol import firestore_pb2 as protocol
from functions.farebox.storage.firestore.values import encode, encode_fields, set_update_time
from functions.farebox.storage.model import Check, Create, Data, Delete, Increment, Set, Update, Write
from functions.farebox.storage.versions import marked


def encode_write(write: Write, root: str, into: protocol.Write) -> None:
    """A checked write to the database whose documents' names begin with `root`.

    There is no message that only checks. A document that must be as it was is "updated" in none of its fields, one
    that must be absent is "deleted": neither changes anything, nor its update time, and both carry the precondition.
    """
    name = root + write.path
    match write:
        case Create(path, data):
            _update(into, name, marked(path, data))
            into.current_document.exists = False
        case Set(path, data, if_version):
            _update(into, name, marked(path, data))
            _require(into, if_version)
        case Update(_, fields, None):
            _update(into, name, fields, mask=fields)
            into.current_document.exists = True
        case Update(_, fields, if_version):
            _update(into, name, fields, mask=fields)
            _require(into, if_version)
        case Increment(_, amounts, fields):
            _update(into, name, fields, mask=fields)
            for field, amount in amounts.items():
                transform = into.update_transforms.add(field_path=field_path(field))
                encode(amount, transform.increment)
        case Delete(_, if_version):
            into.delete = name
            _require(into, if_version)
        case Check(_, None):
            into.delete = name
            into.current_document.exists = False
        case Check(_, version):
            _update(into, name, {}, mask=())
            _require(into, version)


def _update(into: protocol.Write, name: str, data: Data, *, mask: Iterable[str] | None = None) -> None:
    """The fields that the mask names become what `data` says; without a mask, the whole document does."""
    into.update.name = name
    encode_fields(data, into.update.fields)
    if mask is not None:
        into.update_mask.SetInParent()
        into.update_mask.field_paths.extend([field_path(field) for field in mask])


def _require(into: protocol.Write, if_version: str | None) -> None:
    if if_version is not None:
        set_update_time(if_version, into.current_document.update_time)


def field_path(field: str) -> str:
    """A top-level field's path: a name that starts with a digit is quoted."""
    return f"`{field}`" if field[0].isdigit() else field
