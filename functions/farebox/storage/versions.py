"""The forms that kinds of documents have had: each has a version, and a step leads from each to the next.

A kind is a collection. Its documents begin at version 1, which nothing in them says; once a kind has changed, every
document that is written whole says its own, in the field `VERSION`, which only the engines see. What is read comes in
its newest form, whatever is stored: nothing else need know of earlier ones. It stays as it is until it is written
whole, or until `upgrading.py` has gone through all of them, after which a step may be removed.

A step may meet fields of the new form in a document of the old one: updates and increments write fields alone, and the
version before, which serves beside the new one for some minutes, writes whole documents. So it fills in what is
missing, and leaves what is there. A query sees what is stored: before it may ask for a new field, all must have it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from functions.farebox.storage.model import Data, Document

Step = Callable[[Data], Data]  # from the fields of one version to those of the next; changes nothing that it is given

VERSION: Final = "document_version"


def _keep_sealed_values(upstream: Data) -> Data:
    """To 2: an upstream keeps secrets besides its key."""
    return {"sealed_values": None, **upstream}


# Of each kind that has changed, its steps: the first leads from version 1 to 2.
STEPS: Final[Mapping[str, Sequence[Step]]] = {
    "upstreams": (_keep_sealed_values,),
}


def newest(document: Document) -> Document:
    """A document as it was read, brought to the newest form of its kind."""
    steps = STEPS.get(_kind_of(document.path))
    if steps is None:
        return document
    data = dict(document.data)
    version = data.pop(VERSION, 1)
    for step in steps[version - 1 :]:
        data = step(data)
    return Document(document.path, data, document.version, is_older=version <= len(steps))


def marked(path: str, data: Data) -> Data:
    """A whole document as it is written: with its version, where its kind has had others."""
    steps = STEPS.get(_kind_of(path))
    return data if steps is None else {**data, VERSION: len(steps) + 1}


def _kind_of(path: str) -> str:
    return path.rsplit("/", 2)[-2]
