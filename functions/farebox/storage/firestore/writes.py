"""Translates writes and their preconditions into Firestore's protocol buffers."""

from collections.abc import Iterable
from typing import Any

from google.cloud.firestore_v1 import types

from functions.farebox.storage.firestore.values import encode, encode_fields, update_time_of
from functions.farebox.storage.model import Check, Create, Data, Delete, Increment, Set, Update, Write

_Document = types.Document.pb()
_Mask = types.DocumentMask.pb()
_Precondition = types.Precondition.pb()
_Transform = types.DocumentTransform.FieldTransform.pb()
_Write = types.Write.pb()


def encode_write(write: Write, root: str) -> Any:
    """A checked write to the database whose documents' names begin with `root`.

    There is no message that only checks. A document that must be as it was is "updated" in none of its fields, one
    that must be absent is "deleted": neither changes anything, nor its update time, and both carry the precondition.
    """
    name = root + write.path
    match write:
        case Create(_, data):
            return _update(name, data, current_document=_Precondition(exists=False))
        case Set(_, data, if_version):
            return _update(name, data, **_if_version(if_version))
        case Update(_, fields, None):
            return _update(name, fields, mask=fields, current_document=_Precondition(exists=True))
        case Update(_, fields, if_version):
            return _update(name, fields, mask=fields, **_if_version(if_version))
        case Increment(_, amounts, fields):
            transforms = [
                _Transform(field_path=field_path(field), increment=encode(amount)) for field, amount in amounts.items()
            ]
            return _update(name, fields, mask=fields, update_transforms=transforms)
        case Delete(_, if_version):
            return _Write(delete=name, **_if_version(if_version))
        case Check(_, None):
            return _Write(delete=name, current_document=_Precondition(exists=False))
        case Check(_, version):
            return _update(name, {}, mask=(), **_if_version(version))


def _update(name: str, data: Data, *, mask: Iterable[str] | None = None, **rest: Any) -> Any:
    """The fields that the mask names become what `data` says; without a mask, the whole document does."""
    if mask is not None:
        rest["update_mask"] = _Mask(field_paths=[field_path(field) for field in mask])
    return _Write(update=_Document(name=name, fields=encode_fields(data)), **rest)


def _if_version(version: str | None) -> dict[str, Any]:
    if version is None:
        return {}
    return {"current_document": _Precondition(update_time=update_time_of(version))}


def field_path(field: str) -> str:
    """A top-level field's path: a name that starts with a digit is quoted."""
    return f"`{field}`" if field[0].isdigit() else field
